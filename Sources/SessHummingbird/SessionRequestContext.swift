public import Hummingbird
public import NIOCore
public import Sess

/// A request context that carries a session.
///
/// ```swift
/// struct AppContext: SessionRequestContext {
///     var coreContext: CoreRequestContextStorage
///     let sessions: RequestSessions
///     let channel: any Channel
///
///     init(source: Source) {
///         coreContext = .init(source: source)
///         sessions = RequestSessions()
///         channel = source.channel
///     }
/// }
/// ```
public protocol SessionRequestContext: RequestContext {
    /// The place where ``SessionMiddleware`` puts the request's session.
    var sessions: RequestSessions { get }

    /// The connection that the request came by: it tells whether that is TLS.
    var channel: any Channel { get }

    /// The address of the connection's other end, without a port. It decides whether a proxy is to be trusted; `nil`
    /// trusts none. That of ``channel``, unless the context has its own.
    var remoteAddress: String? { get }
}

extension SessionRequestContext {
    public var remoteAddress: String? { channel.remoteAddress?.ipAddress }

    /// The request's session. Change it; it is saved before the response leaves.
    ///
    /// A route without ``SessionMiddleware`` has none: see `RequestSessions.session(of:)`.
    public var session: Session { sessions.session() }

    /// The request's session of one of several systems.
    ///
    /// A route without that system's ``SessionMiddleware`` has none: see `RequestSessions.session(of:)`.
    public func session<System: SessionSystem>(of system: System.Type) -> Session { sessions.session(of: system) }
}

/// A context with a session and nothing else, for apps that need no context of their own.
public struct BasicSessionRequestContext: SessionRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let sessions: RequestSessions
    public let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.sessions = RequestSessions()
        self.channel = source.channel
    }
}
