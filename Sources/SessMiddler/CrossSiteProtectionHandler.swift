import HTTPTypes
public import Middler
public import Sess

/// Refuses with 403 what a page of another site has a browser send, such as a form that acts in the user's name; see
/// `CrossSiteProtection`.
///
/// ```swift
/// middler(server)
///     .add(CrossSiteProtectionHandler())
///     .add(sess(manager))
/// ```
///
/// Add it before the sessions, so that a request that is refused costs no round trip to the store. It works without
/// sessions too.
public final class CrossSiteProtectionHandler: Handler {
    private let protection: CrossSiteProtection

    /// Makes the handler.
    public init(_ protection: CrossSiteProtection = CrossSiteProtection()) {
        self.protection = protection
    }

    public func handle(_ request: Request, next: Next) async throws -> Response {
        let refusal = protection.refusal(
            method: request.method, path: request.fullPath, authority: request.authority,
            headerFields: request.headerFields)
        guard let refusal else { return try await next(request) }
        return .text(refusal.responseMessage, status: refusal.responseStatus)
    }
}
