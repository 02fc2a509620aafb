import HTTPTypes
import Logging
import Metrics
public import Modeler

/// Gives each request its session and stores what the request changed.
///
/// One manager serves a whole program; it is safe to use from any number of tasks. Adapters call ``begin(_:)`` before
/// a request's handler and ``finish(_:headerFields:)`` after it, before the response's head leaves.
///
/// ```swift
/// let sessions = try RedisCollection(url: "redis://localhost", prefix: "myapp:", name: "sessions")
/// let manager = SessionManager(sessions: sessions)
/// ```
public final class SessionManager: Sendable {
    /// Where sessions are stored; sealed, where the options have keys.
    public let sessions: any ModelCollection

    /// The same store as one that knows whose the sessions are; `nil` where it doesn't.
    let owners: (any OwnershipCollection)?

    let options: SessionOptions
    let policies: SessionPolicies
    let parser: CookieParser
    let metrics = SessionMetrics()
    let watchers = SessionWatchers()
    private let clock: @Sendable () -> Timestamp

    /// A manager with the default options.
    ///
    /// - Parameter sessions: Where sessions are stored. The default keeps them in this process's memory, for one
    ///   server whose sessions may end with it.
    public init(sessions: any ModelCollection = MemoryCollection(name: "sessions")) {
        self.sessions = sessions
        self.owners = sessions as? any OwnershipCollection
        self.options = SessionOptions()
        self.policies = SessionPolicies(byName: [:])
        self.parser = CookieParser(name: options.cookie.name)
        self.clock = Self.wallClock
    }

    /// A manager with options of its own.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for a limit that isn't positive, a touch window that is
    ///   negative or a maximum of bytes or fields below 1.
    public convenience init(
        sessions: any ModelCollection = MemoryCollection(name: "sessions"),
        options: SessionOptions
    ) throws(SessionError) {
        try self.init(sessions: sessions, options: options, clock: Self.wallClock)
    }

    /// A manager whose cookie has a name of its own.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` when the name breaks the rules of ``SessionCookie``.
    public convenience init(
        sessions: any ModelCollection = MemoryCollection(name: "sessions"),
        key: String
    ) throws(SessionError) {
        var options = SessionOptions()
        options.cookie = try SessionCookie(name: key)
        try self.init(sessions: sessions, options: options)
    }

    /// A manager with a clock of its own. The clock dates sessions that aren't stored; stored ones live by the store's.
    package init(
        sessions: any ModelCollection,
        options: SessionOptions,
        clock: @escaping @Sendable () -> Timestamp
    ) throws(SessionError) {
        try Self.check(options.limits)
        if let window = options.touchWindow, window < .zero {
            throw SessionError(.invalidConfiguration, "the touch window is zero or more")
        }
        guard options.maximumBytes > 0, options.maximumFields > 0 else {
            throw SessionError(.invalidConfiguration, "the maxima are at least 1 byte and 1 field")
        }
        guard !options.transports.isEmpty, Set(options.transports).count == options.transports.count else {
            throw SessionError(.invalidConfiguration, "there is at least one transport, and none occurs twice")
        }
        if let most = options.maximumSessionsPerUser, most < 1 {
            throw SessionError(.invalidConfiguration, "a user may have at least 1 session")
        }
        self.owners = sessions as? any OwnershipCollection
        self.sessions = options.encryptionKeys.map { SealedCollection(sessions, keys: $0) } ?? sessions
        self.options = options
        self.policies = SessionPolicies(byName: options.conflictPolicies)
        self.parser = CookieParser(name: options.cookie.name)
        self.clock = clock
    }

    static func check(_ limits: Expiry) throws(SessionError) {
        for limit in [limits.idle, limits.absolute] {
            if let limit, limit < .milliseconds(1) {
                throw SessionError(.invalidConfiguration, "a session's limit is at least a millisecond")
            }
        }
    }

    private static let wallClock: @Sendable () -> Timestamp = { WallClock.now }

    func now() -> Timestamp { clock() }

    /// Whether a request's remote address decides anything. Making it a text costs more than a cookie's check.
    package var usesRemoteAddress: Bool { !options.trustedProxies.isEmpty }

    /// Counts, logs and hands on an event.
    func report(_ event: SessionEvent) {
        switch event {
        case .conflict(let session, let field, let policy):
            metrics.conflicts.increment()
            options.logger.debug(
                "two requests changed one field",
                metadata: ["session": "\(session)", "field": "\(field)", "policy": "\(policy)"]
            )
        case .goneWhileInUse(let session):
            metrics.goneWhileInUse.increment()
            options.logger.debug("a session ended while in use", metadata: ["session": "\(session)"])
        case .unreadableSession(let session):
            metrics.unreadable.increment()
            options.logger.warning("a stored session can't be read", metadata: ["session": "\(session)"])
        case .unreadableField(let session, let field):
            metrics.unreadable.increment()
            options.logger.warning(
                "a field is not of the type asked for",
                metadata: ["session": "\(session)", "field": "\(field)"]
            )
        case .changedTooLate(let session, let fields):
            metrics.changedTooLate.increment()
            options.logger.error(
                "a session was changed after its response had left; call save() there",
                metadata: ["session": "\(session)", "fields": "\(fields.joined(separator: ", "))"]
            )
        case .storeUnavailable(let reason):
            metrics.storeUnavailable.increment()
            options.logger.error("the session store can't serve", metadata: ["reason": "\(reason)"])
        }
        options.onEvent?(event)
    }
}
