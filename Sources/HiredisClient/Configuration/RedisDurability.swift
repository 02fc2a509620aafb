/// When a write that ends or hands over somebody's access counts as done: a removal, a revocation, a rotation, a
/// sign-in to a session that there was before.
///
/// Redis answers before its replicas have a write. Where the master is lost at that moment, a replica that takes its
/// place doesn't have it, and what was removed is back. All other writes count once the master has them.
public enum RedisDurability: Sendable, Hashable {
    /// Once the master has it.
    case acknowledged
    /// Once all replicas that are connected have it too, of which there must be at least so many. Where they don't say
    /// so within the time, the write is applied all the same, and whoever asked for it learns that it isn't confirmed.
    ///
    /// The master waits by WAIT, on a connection that has only such writes; those that come meanwhile wait for the next
    /// WAIT and share it. After three in a row that weren't confirmed nobody waits for five seconds.
    case replicated(minimum: Int = 1, within: Duration = .milliseconds(100))
}
