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
    let store: SessionStore
    let options: SessionOptions
    let rules: SessionRules
    let policies: SessionPolicies
    let parser: CookieParser
    let namespace: TokenNamespace
    let tokens: TokenCodec
    private let reporter: SessionReporter
    let endStreams = EndStreams()
    let sectionLine = SectionLine()
    private let clock: @Sendable () -> Timestamp

    /// Where sessions are stored; sealed, where the options have keys.
    public var sessions: any ModelCollection { store.models }

    /// A manager with the default options.
    ///
    /// - Parameter sessions: Where sessions are stored. The default keeps them in this process's memory, for one
    ///   server whose sessions may end with it.
    public convenience init(sessions: any ModelCollection = MemoryCollection(name: "sessions")) {
        self.init(sessions, SessionOptions(), Self.wallClock)
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
        cookieName: String
    ) throws(SessionError) {
        var options = SessionOptions()
        options.cookie = try SessionCookie(name: cookieName)
        try self.init(sessions: sessions, options: options)
    }

    /// A manager with a clock of its own. The clock dates sessions that aren't stored; stored ones live by the store's.
    package convenience init(
        sessions: any ModelCollection,
        options: SessionOptions,
        clock: @escaping @Sendable () -> Timestamp
    ) throws(SessionError) {
        try Self.check(options)
        self.init(sessions, options, clock)
    }

    /// Takes options that are valid.
    private init(
        _ sessions: any ModelCollection, _ options: SessionOptions, _ clock: @escaping @Sendable () -> Timestamp
    ) {
        let options = options.resolved
        let reporter = SessionReporter(options)
        self.options = options
        self.reporter = reporter
        self.clock = clock
        rules = SessionRules(options)
        policies = SessionPolicies(options)
        parser = CookieParser(name: options.cookie.name)
        namespace = TokenNamespace(options)
        tokens = TokenCodec(options)
        store = SessionStore(
            sessions, keys: options.store.encryptionKeys, hasDeadline: options.store.deadline != nil
        ) { reporter.report(.storeUnavailable(reason: $0.description)) }
        if let memory = sessions as? MemoryCollection, memory.onNearlyFull == nil {
            memory.onNearlyFull = { [logger = options.logger, limits = memory.limits] count in
                logger.warning(
                    "the memory of sessions is nearly full; from its maximum on, those go that nobody is signed in to",
                    metadata: ["sessions": "\(count)", "maximum": "\(limits.maximumModels)"])
            }
        }
    }

    private static let wallClock: @Sendable () -> Timestamp = { WallClock.now }

    func now() -> Timestamp { clock() }

    /// Whether a request's remote address decides anything. Making it a text costs more than a cookie's check.
    public var usesRemoteAddress: Bool { !options.trustedProxies.isEmpty }

    /// Whether a request's host decides anything.
    public var usesAuthority: Bool { options.cookieForRequest != nil || options.makeID != nil }

    /// A path that the cookie is sent for.
    package var cookiePath: String { options.cookie.path }

    /// The sessions of users.
    var users: UserSessions { UserSessions(manager: self) }

    /// The library's counters.
    var metrics: SessionMetrics { reporter.metrics }

    /// Counts, logs and hands on an event.
    func report(_ event: SessionEvent) { reporter.report(event) }

    /// Hands on an event of what a request has asked for itself: nothing is counted, logged or made where nobody
    /// listens.
    func notify(_ event: @autoclosure () -> SessionEvent) { reporter.notify(event) }

    /// Writes a line, unless one of the same message and reason was written within a second.
    func log(_ level: Logger.Level, _ message: Logger.Message, reason: String, metadata: Logger.Metadata) {
        reporter.log(level, message, reason: reason, metadata: metadata)
    }
}
