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
    let limits: SessionLimits
    let parser: CookieParser
    let scope: TokenScope
    let metrics = SessionMetrics()
    let watchers = SessionWatchers()
    let sectionLine = SectionLine()
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
        self.limits = SessionLimits(options)
        self.parser = CookieParser(name: options.cookie.name)
        self.scope = TokenScope(options)
        self.clock = Self.wallClock
    }

    /// A manager with options of its own.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` naming the option that is wrong.
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
        try Self.check(options)
        self.owners = sessions as? any OwnershipCollection
        self.sessions = options.encryptionKeys.map { SealedCollection(sessions, keys: $0) } ?? sessions
        self.options = options.resolved
        self.policies = SessionPolicies(byName: options.conflictPolicies)
        self.limits = SessionLimits(options)
        self.parser = CookieParser(name: options.cookie.name)
        self.scope = TokenScope(options)
        self.clock = clock
    }

    private static let wallClock: @Sendable () -> Timestamp = { WallClock.now }

    func now() -> Timestamp { clock() }

    /// Whether a request's remote address decides anything. Making it a text costs more than a cookie's check.
    package var usesRemoteAddress: Bool { !options.trustedProxies.isEmpty }

    /// Whether a request's host decides anything.
    package var usesAuthority: Bool { options.cookieForRequest != nil || options.makeID != nil }

    /// A path that the cookie is sent for.
    package var cookiePath: String { options.cookie.path }

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
        case .tokenReused(let session):
            metrics.reused.increment()
            options.logger.warning("a token that had been replaced was used again", metadata: ["session": "\(session)"])
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
