public import Modeler
import Synchronization

/// The session of one request. Change it, and it is saved before the response leaves.
///
/// ```swift
/// context.session["times", default: 0] += 1
/// ```
///
/// Fields are read and written at once, in memory; ``save()``, ``destroy()``, ``rotate(grace:)`` and the other
/// asynchronous operations ask the store. A session is safe to use from several tasks of its request: each read and
/// each write is atomic, and operations on the store take turns.
public final class Session: SessionFields, Sendable {
    let manager: SessionManager
    /// Whether the request came over TLS.
    let isSecure: Bool
    /// What the options made of the request; `nil` where they are the same for all.
    let details: RequestDetails?
    private let state: Mutex<SessionState>
    let gate = SessionGate()

    init(_ state: SessionState, manager: SessionManager, isSecure: Bool, details: RequestDetails? = nil) {
        self.state = Mutex(state)
        self.details = details
        self.manager = manager
        self.isSecure = isSecure
    }

    deinit {
        let lost = state.withLock { $0.isFinished ? $0.pending.entries.map(\.name) : [] }
        if !lost.isEmpty { manager.report(.changedTooLate(session: id, fields: lost)) }
    }

    /// Names the session. It is no secret: knowing it gives nobody access. It changes when the session ends and
    /// another begins, not when ``rotate(grace:)`` replaces the client's token.
    public var id: ModelID { use { $0.model.id } }

    /// How often the session was written; 0 while it isn't stored.
    public var revision: Revision { use { $0.model.revision } }

    /// When the session began, by the store's clock once it is stored.
    public var created: Timestamp { use { $0.model.created } }

    /// When the session was last written, by the store's clock once it is stored.
    public var updated: Timestamp { use { $0.model.updated } }

    /// Whether the session isn't stored.
    public var isNew: Bool { use { $0.model.revision == 0 } }

    /// Whether something was changed since the session was read or saved.
    public var isModified: Bool { state.withLock { !$0.pending.isEmpty } }

    /// Whether the session can be saved at all. It can't for a request outside of the cookie's path, for one without
    /// TLS where the cookie demands it, for one that began while the store was down and the policy was to go on, for one
    /// whose token was replaced just before (see ``signIn(userID:device:since:)``), and after ``drop()``.
    public var isDetached: Bool { use { $0.isDetached } }

    /// Whether the session ended while this request ran, by another request's doing.
    public var hasEnded: Bool {
        use { if case .ended = $0.standing { true } else { false } }
    }

    /// The time until the session expires unless it is used before, as of its last read or write; `nil` while it
    /// isn't stored or never expires.
    public var remaining: Duration? { use { $0.model.lifetime?.remaining } }

    /// The session's own limits in place of the manager's, stored with the next save. The absolute limit counts from
    /// the session's beginning.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` unless each limit is at least a millisecond and at
    ///   most a century.
    public func setLimits(_ limits: Expiry) throws(SessionError) {
        try SessionManager.check(limits)
        state.withLock { $0.newLimits = limits }
    }

    /// Runs a function on the session's state, alone.
    func withState<Result>(_ body: (inout SessionState) -> sending Result) -> sending Result {
        state.withLock { body(&$0) }
    }

    /// Reads what a response may tell of the session: it then varies by the client's token.
    func use<Result>(_ body: (borrowing SessionState) -> sending Result) -> sending Result {
        state.withLock { state in
            state.wasUsed = true
            return body(state)
        }
    }

    // MARK: Fields

    public func encodedValue(of name: String) -> EncodedJSON? {
        state.withLock {
            $0.wasUsed = true
            return $0.value(of: name)
        }
    }

    public func setEncodedValue(_ value: EncodedJSON?, of name: String, policy: ConflictPolicy?) {
        state.withLock {
            $0.wasUsed = true
            $0.set(value, of: name, policy: policy, maximumFields: manager.options.maximumFields)
        }
    }

    public func popEncodedValue(of name: String, policy: ConflictPolicy?) -> EncodedJSON? {
        state.withLock {
            $0.wasUsed = true
            return $0.pop(name, policy: policy)
        }
    }

    public var names: [String] {
        encodedFields.map(\.name)
    }

    /// The fields and their values, undecoded.
    public var encodedFields: [(name: String, value: EncodedJSON)] {
        state.withLock {
            $0.wasUsed = true
            return $0.visibleFields
        }
    }

    public func recordFault(_ error: SessionError) {
        state.withLock {
            $0.wasUsed = true
            $0.fault = error
        }
    }

    public func recordUnreadable(_ name: String) {
        manager.report(.unreadableField(session: id, field: name))
    }
}

extension Session: CustomStringConvertible {
    /// The id, never a token or a value.
    public var description: String { withState { "session \($0.model.id)" } }
}

extension Session: Encodable {
    /// Encodes the session's data as a plain object.
    public func encode(to encoder: any Encoder) throws {
        try JSONValue.object(data).encode(to: encoder)
    }
}
