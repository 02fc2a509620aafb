public import Hummingbird
public import Sess

/// Gives every request its session and saves it before the response's head leaves.
///
/// ```swift
/// let router = Router(context: BasicSessionRequestContext.self)
/// router.add(middleware: SessionMiddleware(manager))
/// router.get("/") { _, context in
///     context.session["times", default: 0] += 1
///     return "\(context.session["times", default: 0]) times"
/// }
/// ```
///
/// Add it once for each ``SessionSystem``, before what uses sessions. A handler that throws an error with a response of
/// its own (an `HTTPResponseError`) has its changes saved like any other; after any other error nothing is saved.
///
/// A session that can't be read or stored fails the request with a `SessionError`, which Hummingbird answers with its
/// status (503 and `Retry-After` where the store is away). A middleware before this one may catch it and answer
/// otherwise:
///
/// ```swift
/// do {
///     return try await next(request, context)
/// } catch let error as SessionError {
///     return try page(error).with(headers: error.responseHeaderFields)
/// }
/// ```
///
/// A handler's own errors pass through as they are. One that can't carry header fields becomes a ``FailedRequest`` where
/// the client must learn something, such as a new token. A middleware that answers an error with a response of its own
/// adds what the client should know with `context.sessions.addHeaderFields(to:)`.
public struct SessionMiddleware<Context: SessionRequestContext>: RouterMiddleware {
    let manager: SessionManager
    private let system: any SessionSystem.Type
    private let isTLS: Bool
    private let skip: (@Sendable (Request) -> Bool)?

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - manager: Begins and stores the sessions.
    ///   - system: Names the sessions, for an app that has several systems of them; see ``SessionSystem``.
    ///   - isTLS: Whether this server itself speaks TLS. Behind a proxy leave it `false` and name the proxy in
    ///     ``SessionOptions/trustedProxies``.
    ///   - skip: Requests that take no part in sessions, such as those for static files.
    public init(
        _ manager: SessionManager,
        system: any SessionSystem.Type = MainSessions.self,
        isTLS: Bool = false,
        skip: (@Sendable (Request) -> Bool)? = nil
    ) {
        self.manager = manager
        self.system = system
        self.isTLS = isTLS
        self.skip = skip
    }

    @concurrent
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard manager.hasStoreDeadline else {
            return try await respond(to: request, context: context, next: next)
        }
        return try await manager.withStoreDeadline { try await respond(to: request, context: context, next: next) }
    }

    private func respond(
        to request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let session: Session
        do {
            let isSkipped = if let skip { skip(request) } else { false }
            session = isSkipped ? manager.optOut() : try await manager.begin(description(of: request, context: context))
            try context.sessions.attach(session, manager: manager, system: system)
        } catch {
            context.sessions.noteFailure()
            throw error
        }
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            throw await settle(error, of: session, context: context)
        }
        if context.sessions.hasFailed {
            manager.finishWithoutSaving(session, headerFields: &response.headers)
            return response
        }
        do {
            try await manager.finish(session, headerFields: &response.headers)
        } catch {
            throw refusal(error, of: session, context: context)
        }
        return response
    }

    private func description(of request: Request, context: Context) -> SessionRequest {
        SessionRequest(
            headerFields: request.headers,
            path: request.uri.path,
            authority: manager.usesAuthority ? request.head.authority : nil,
            isSecure: isTLS || request.head.scheme == "https",
            remoteAddress: manager.usesRemoteAddress ? context.remoteAddress : nil
        )
    }
}
