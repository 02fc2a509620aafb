import HTTPTypes
public import Hummingbird
public import NIOCore
public import Sess

/// A request context that carries a session and the app's user who is signed in to it.
///
/// ```swift
/// struct AppContext: SessUserRequestContext {
///     var coreContext: CoreRequestContextStorage
///     let requestSessions: RequestSessions
///     let channel: any Channel
///     var user: Account?
///
///     init(source: Source) {
///         coreContext = .init(source: source)
///         requestSessions = RequestSessions()
///         channel = source.channel
///     }
/// }
/// ```
public protocol SessUserRequestContext: SessRequestContext {
    /// The app's own type of users.
    associatedtype User: Sendable

    /// The user who is signed in; `nil` for nobody. ``SessUserMiddleware`` sets it.
    var user: User? { get set }
}

extension SessUserRequestContext {
    /// Returns the user who is signed in.
    ///
    /// - Throws: `HTTPError` with the status 401 where nobody is.
    public func requireUser() throws -> User {
        guard let user else { throw HTTPError(.unauthorized, message: "Nobody is signed in.") }
        return user
    }
}

/// A context with a session and its user, for apps that need no context of their own.
public struct BasicSessUserRequestContext<User: Sendable>: SessUserRequestContext {
    public var coreContext: CoreRequestContextStorage
    public let requestSessions: RequestSessions
    public let channel: any Channel
    public var user: User?

    public init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.requestSessions = RequestSessions()
        self.channel = source.channel
    }
}
