public import Hummingbird
public import Sess

/// Gives every request its session and saves it before the response's head leaves.
///
/// ```swift
/// let router = Router(context: BasicSessRequestContext.self)
/// router.add(middleware: SessMiddleware(manager))
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
/// A handler's own errors pass through as they are. One that can't carry header fields becomes a ``FailedRequest``
/// where the client must learn something, such as a new token. A middleware that answers an error with a response of
/// its own adds what the client should know with `context.requestSessions.addHeaderFields(to:)`.
public struct SessMiddleware<Context: SessRequestContext>: RouterMiddleware {
    private let manager: SessionManager
    private let system: any SessionSystem.Type
    private let tls: TLSDetector
    private let skip: (@Sendable (Request) -> Bool)?

    /// Makes the middleware.
    ///
    /// - Parameters:
    ///   - manager: Begins and stores the sessions.
    ///   - system: Names the sessions, for an app that has several systems of them; see ``SessionSystem``.
    ///   - isTLS: Whether every connection to this server is TLS. Hummingbird's own TLS is noticed without it; behind a
    ///     proxy leave it `false` and name the proxy in ``SessionOptions/trustedProxies``.
    ///   - skip: Requests that take no part in sessions, such as those for static files.
    public init(
        _ manager: SessionManager,
        system: any SessionSystem.Type = MainSessions.self,
        isTLS: Bool = false,
        skip: (@Sendable (Request) -> Bool)? = nil
    ) {
        self.manager = manager
        self.system = system
        tls = TLSDetector(isAlways: isTLS)
        self.skip = skip
    }

    @concurrent
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let isSkipped = if let skip { skip(request) } else { false }
        return try await SessionExchange(manager, system: system, in: context.requestSessions).run(
            isSkipped ? nil : await description(of: request, context: context),
            headerFields: \.headers,
            isResponse: FailedRequest.isResponse,
            carry: FailedRequest.carry,
            handler: { try await next(request, context) })
    }

    private func description(of request: Request, context: Context) async -> SessionRequest {
        SessionRequest(
            headerFields: request.headers,
            path: request.uri.path,
            authority: manager.usesAuthority ? request.head.authority : nil,
            isSecure: await tls.isTLS(context.channel),
            remoteAddress: manager.usesRemoteAddress ? context.remoteAddress : nil
        )
    }
}
