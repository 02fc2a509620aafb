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
    private let machine: Mutex<SessionMachine>
    let gate = SessionGate()

    init(_ machine: consuming SessionMachine, manager: SessionManager, isSecure: Bool, details: RequestDetails? = nil) {
        self.machine = Mutex(machine)
        self.details = details
        self.manager = manager
        self.isSecure = isSecure
    }

    deinit {
        let lost = machine.withLock { $0.exchange.isFinished && !$0.isDetached ? $0.changes.names : [] }
        if !lost.isEmpty { manager.report(.changedTooLate(session: id, fields: lost)) }
    }

    /// Names the session. It is no secret: knowing it gives nobody access. It changes when the session ends and
    /// another begins, not when ``rotate(grace:)`` replaces the client's token.
    public var id: ModelID { observe { $0.id } }

    /// How often the session was written; 0 while it isn't stored.
    public var revision: Revision { observe { $0.model.revision } }

    /// When the session began, by the store's clock once it is stored.
    public var created: Timestamp { observe { $0.model.created } }

    /// When the session was last written, by the store's clock once it is stored.
    public var updated: Timestamp { observe { $0.model.updated } }

    /// Whether the session isn't stored.
    public var isNew: Bool { observe { $0.model.revision == 0 } }

    /// Whether something was changed since the session was read or saved.
    public var isModified: Bool { machine.withLock { !$0.changes.pending.isEmpty } }

    /// Whether the session takes no part: it is empty, never stored, and no cookie is sent or expired for it.
    ///
    /// So is the session of a request outside of the cookie's path, of one without TLS where the cookie demands it, of
    /// one that began while the store was down and the policy was to go on, of one whose token was replaced meanwhile
    /// or just before (see ``signIn(userID:device:since:)``), and of one whose record only other servers can read; and
    /// so it is after ``drop()``, and after a ``reload()`` that found it ended.
    public var isDetached: Bool { observe { $0.isDetached } }

    /// Whether the session ended while this request ran, by another request's doing.
    public var hasEnded: Bool {
        observe { if case .ended = $0.phase { true } else { false } }
    }

    /// The time until the session expires unless it is used before, as of its last read or write; `nil` while it
    /// isn't stored or never expires.
    public var remaining: Duration? { observe { $0.model.lifetime?.remaining } }

    /// The session's own limits in place of the manager's, stored with the next save. The absolute limit counts from
    /// the session's beginning.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` unless each limit is at least a millisecond and at
    ///   most a century.
    public func setTimeouts(_ limits: Expiry) throws(SessionError) {
        try SessionManager.check(limits)
        withMachine { $0.changes.limits = NewLimits(expiry: limits, isOwn: true) }
    }

    /// Runs a function on the session's machine, alone.
    func withMachine<Result, Failure: Error>(
        _ body: (inout SessionMachine) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try machine.withLock { (machine) throws(Failure) in try body(&machine) }
    }

    /// Reads what a response may tell of the session: it then varies by the client's token.
    func observe<Result>(_ body: (borrowing SessionMachine) -> sending Result) -> sending Result {
        machine.withLock { machine in
            machine.exchange.wasUsed = true
            return body(machine)
        }
    }

    // MARK: Fields

    public func encodedValue(of name: String) -> EncodedJSON? {
        machine.withLock {
            $0.exchange.wasUsed = true
            return $0.value(of: name)
        }
    }

    public func setEncodedValue(_ value: EncodedJSON?, of name: String, policy: ConflictPolicy?) {
        machine.withLock { machine in
            machine.exchange.wasUsed = true
            machine.set(value, of: name, policy: policy, maximumFields: manager.options.maximumFields)
            markOfSection(name, &machine)
        }
    }

    public func popEncodedValue(of name: String, policy: ConflictPolicy?) -> EncodedJSON? {
        machine.withLock { machine in
            machine.exchange.wasUsed = true
            defer { markOfSection(name, &machine) }
            return machine.pop(name, policy: policy)
        }
    }

    /// A section that fails drops what its own function has changed.
    private func markOfSection(_ name: String, _ machine: inout SessionMachine) {
        guard machine.isInLease, manager.isInSection(of: machine.model.id) else { return }
        machine.changes.pending.markOfSection(name)
    }

    public var names: [String] {
        encodedFields.map(\.name)
    }

    /// The fields and their values, undecoded.
    public var encodedFields: [(name: String, value: EncodedJSON)] {
        machine.withLock {
            $0.exchange.wasUsed = true
            return $0.visibleFields
        }
    }

    public func recordFault(_ error: SessionError) {
        machine.withLock {
            $0.exchange.wasUsed = true
            $0.changes.fault = error
        }
    }

    public func recordUnreadable(_ name: String) {
        manager.report(.unreadableField(session: id, field: name))
    }
}

extension Session: CustomStringConvertible {
    /// The id, never a token or a value.
    public var description: String { withMachine { "session \($0.model.id)" } }
}

extension Session: Encodable {
    /// Encodes the session's data as a plain object.
    public func encode(to encoder: any Encoder) throws {
        try JSONValue.object(data).encode(to: encoder)
    }
}
