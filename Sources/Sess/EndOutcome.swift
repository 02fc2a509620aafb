import Modeler

/// How far the end of a session is known to last.
public enum EndOutcome: Sendable, Hashable {
    /// As far as the store is set to see to. Where that is its answer alone, as it is unless an app sets more, a Redis
    /// that is lost in the next moment may bring the session back.
    case ended
    /// The session has ended, and the store's copies, which it is set to wait for, haven't confirmed that in time:
    /// should the store lose its master now, the session may be back.
    case endedUnconfirmed

    init(_ confirmation: WriteConfirmation) {
        self = confirmation == .confirmed ? .ended : .endedUnconfirmed
    }
}
