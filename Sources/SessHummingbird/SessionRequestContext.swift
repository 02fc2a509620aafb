public import Hummingbird
import NIOCore
public import Sess

/// A request context that carries a session.
///
/// ```swift
/// struct AppContext: SessionRequestContext {
///     var coreContext: CoreRequestContextStorage
///     let sessions: RequestSessions
///     let remoteAddress: String?
///
///     init(source: Source) {
///         coreContext = .init(source: source)
///         sessions = RequestSessions()
///         remoteAddress = source.channel.remoteAddress?.ipAddress
///     }
/// }
/// ```
public protocol SessionRequestContext: RequestContext {
    /// The place where ``SessionMiddleware`` puts the request's session.
    var sessions: RequestSessions { get }

    /// The address of the connection's other end, without a port. It decides whether a proxy is to be trusted; `nil`
    /// trusts none.
    var remoteAddress: String? { get }
}

extension SessionRequestContext {
    /// The request's session. Change it; it is saved before the response leaves.
    ///
    /// - Precondition: ``SessionMiddleware`` runs before whatever asks.
    public var session: Session { sessions.session }

    /// The request's session of one of several systems.
    ///
    /// - Precondition: That system's ``SessionMiddleware`` runs before whatever asks.
    public func session<System: SessionSystem>(of system: System.Type) -> Session { sessions.session(of: system) }
}

/// A context with a session and nothing else, for apps that need no context of their own.
public struct BasicSessionRequestContext: SessionRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let sessions: RequestSessions
    public var remoteAddress: String? { address?.ipAddress }
    private let address: SocketAddress?

    public init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.sessions = RequestSessions()
        self.address = source.channel.remoteAddress
    }
}
