import HTTPTypes
public import Hummingbird

/// A context with an identity.
public protocol AuthRequestContext<Identity>: RequestContext {
    associatedtype Identity: Sendable
    var identity: Identity? { get set }
}

extension AuthRequestContext {
    public func requireIdentity() throws -> Identity {
        guard let identity else { throw HTTPError(.unauthorized) }
        return identity
    }
}

/// A middleware that finds a request's identity.
public protocol AuthenticatorMiddleware: RouterMiddleware where Context: AuthRequestContext {}

/// Finds the identity by the session.
public struct SessionAuthenticator<Context: AuthRequestContext & SessionRequestContext>: AuthenticatorMiddleware {
    private let find: @Sendable (Context.Session) async throws -> Context.Identity?

    public init(getUser: @escaping @Sendable (Context.Session) async throws -> Context.Identity?) { find = getUser }

    @concurrent
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let session = context.sessions.session { context.identity = try await find(session) }
        return try await next(request, context)
    }
}
