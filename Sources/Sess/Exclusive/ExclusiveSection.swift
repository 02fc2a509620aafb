public import Modeler
import Synchronization

/// The exclusive section of a session, for the one who is in it: see
/// ``Session/withExclusiveAccess(timeout:lease:maximumWaiters:_:)``.
///
/// Safe to use from any task.
public final class ExclusiveSection: Sendable {
    /// A number that is greater than that of everybody who was in the section before. Whatever else the section writes
    /// to can refuse writes with a lesser one than it has seen. 0 for a session that isn't stored: nobody else can
    /// reach it.
    public let fencingToken: Revision

    private struct State {
        var isLost = false
        var until: ContinuousClock.Instant?
    }
    private let state: Mutex<State>

    init(fencingToken: Revision, until: ContinuousClock.Instant?) {
        self.fencingToken = fencingToken
        self.state = Mutex(State(until: until))
    }

    /// Whether nobody else can be in the section, as far as this server can tell without asking the store. Once it is
    /// false it stays so, unless the store was only away for a while. Look before doing what can't be undone.
    public var isHeld: Bool {
        state.withLock { !$0.isLost && ($0.until.map { .now < $0 } ?? true) }
    }

    /// Throws where the section isn't held any more.
    ///
    /// - Throws: ``SessionError/Code/sectionLost``.
    public func requireHeld() throws(SessionError) {
        guard isHeld else {
            throw SessionError(.sectionLost, "the exclusive section's lease has ended; somebody else may be in it")
        }
    }

    /// The lease was renewed.
    func extend(to until: ContinuousClock.Instant) {
        state.withLock { $0.until = until }
    }

    /// Somebody else holds the section, or the session has ended.
    func lose() {
        state.withLock { $0.isLost = true }
    }
}
