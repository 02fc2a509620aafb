import HTTPTypes
public import Hummingbird
import Logging
public import Sess

/// Refuses with 403 what a page of another site has a browser send, such as a form that acts in the user's name; see
/// `CrossSiteProtection`.
///
/// ```swift
/// router.add(middleware: CrossSiteProtectionMiddleware())
/// router.add(middleware: SessMiddleware(manager))
/// ```
///
/// Add it before ``SessMiddleware``, so that a request that is refused costs no round trip to the store. It works
/// without sessions too, and with any context.
public struct CrossSiteProtectionMiddleware<Context: RequestContext>: RouterMiddleware {
    private let protection: CrossSiteProtection

    /// Makes the middleware.
    public init(_ protection: CrossSiteProtection = CrossSiteProtection()) {
        self.protection = protection
    }

    @concurrent
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let refusal = protection.refusal(
            method: request.method, path: request.uri.path, authority: request.head.authority,
            headerFields: request.headers)
        guard let refusal else { return try await next(request, context) }
        context.logger.debug("a request was refused", metadata: ["reason": "\(refusal)"])
        return Response(
            status: refusal.responseStatus, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: .init(string: refusal.responseMessage)))
    }
}
