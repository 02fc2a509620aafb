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
/// Add it once, before what uses sessions. A handler that throws an error with a response of its own (an
/// `HTTPResponseError`) has its changes saved like any other; after any other error nothing is saved.
public struct SessionMiddleware<Context: SessionRequestContext>: RouterMiddleware {
    private let manager: SessionManager
    private let isTLS: Bool
    private let skip: (@Sendable (Request) -> Bool)?

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - manager: Begins and stores the sessions.
    ///   - isTLS: Whether this server itself speaks TLS. Behind a proxy leave it `false` and name the proxy in
    ///     ``SessionOptions/trustedProxies``.
    ///   - skip: Requests that take no part in sessions, such as those for static files.
    public init(
        _ manager: SessionManager,
        isTLS: Bool = false,
        skip: (@Sendable (Request) -> Bool)? = nil
    ) {
        self.manager = manager
        self.isTLS = isTLS
        self.skip = skip
    }

    @concurrent
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let skip, skip(request) {
            context.sessions.attach(manager.optOut(), manager: manager)
            return try await next(request, context)
        }
        let session: Session
        do {
            session = try await manager.begin(description(of: request, context: context))
        } catch {
            return try SessionErrorResponse(error).response(from: request, context: context)
        }
        context.sessions.attach(session, manager: manager)
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        } catch let error as SessionError {
            response = try SessionErrorResponse(error).response(from: request, context: context)
            manager.finishWithoutSaving(session, headerFields: &response.headers)
            return response
        } catch {
            throw FailedRequest(error, session: session, manager: manager)
        }
        do {
            try await manager.finish(session, headerFields: &response.headers)
        } catch {
            var refusal = try SessionErrorResponse(error).response(from: request, context: context)
            manager.finishWithoutSaving(session, headerFields: &refusal.headers)
            return refusal
        }
        return response
    }

    private func description(of request: Request, context: Context) -> SessionRequest {
        SessionRequest(
            headerFields: request.headers,
            path: request.uri.path,
            isSecure: isTLS || request.head.scheme == "https",
            remoteAddress: manager.usesRemoteAddress ? context.remoteAddress : nil
        )
    }
}
