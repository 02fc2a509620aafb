/// When a command may be sent again after its connection was lost. Always within the command's own timeout.
package enum RetryPolicy: Sendable, Hashable {
    /// Never.
    case never
    /// Only when it is certain that none of it was sent.
    case ifNotSent
    /// Also when it may have been executed: for reads, and for writes that are idempotent.
    case always
}
