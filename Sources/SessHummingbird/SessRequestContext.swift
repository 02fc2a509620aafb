public import Hummingbird
public import NIOCore
public import Sess

/// A request context that carries a session.
///
/// ```swift
/// struct AppContext: SessRequestContext {
///     var coreContext: CoreRequestContextStorage
///     let requestSessions: RequestSessions
///     let channel: any Channel
///
///     init(source: Source) {
///         coreContext = .init(source: source)
///         requestSessions = RequestSessions()
///         channel = source.channel
///     }
/// }
/// ```
public protocol SessRequestContext: RequestContext {
    /// The place where ``SessMiddleware`` puts the request's session.
    var requestSessions: RequestSessions { get }

    /// The connection that the request came by: it tells whether that is TLS.
    var channel: any Channel { get }

    /// The address of the connection's other end, without a port. It decides whether a proxy is to be trusted; `nil`
    /// trusts none. That of ``channel``, unless the context has its own.
    var remoteAddress: String? { get }
}

extension SessRequestContext {
    public var remoteAddress: String? { channel.remoteAddress?.ipAddress }

    /// The request's session. Change it; it is saved before the response leaves.
    ///
    /// A route without ``SessMiddleware`` has none: see `RequestSessions.session(of:)`.
    public var session: Session { requestSessions.session() }

    /// The request's session of one of several systems.
    ///
    /// A route without that system's ``SessMiddleware`` has none: see `RequestSessions.session(of:)`.
    public func session<System: SessionSystem>(of system: System.Type) -> Session {
        requestSessions.session(of: system)
    }
}

/// A context with a session and nothing else, for apps that need no context of their own.
public struct BasicSessRequestContext: SessRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let requestSessions: RequestSessions
    public let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.requestSessions = RequestSessions()
        self.channel = source.channel
    }
}
