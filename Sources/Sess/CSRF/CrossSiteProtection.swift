public import HTTPTypes

/// The check that refuses what a page of another site has a browser send: cross-site request forgery (CSRF).
///
/// A cookie goes along with a request whoever's page has caused it; `SameSite` cookies stop a part of that, and none of
/// it within one site. Browsers say where a request comes from, in `Sec-Fetch-Site` (Fetch Metadata) and in `Origin`
/// (RFC 6454 §7), and this check reads both. It needs no token in forms, no session and no store.
///
/// In this order:
/// 1. GET, HEAD and OPTIONS are allowed: they must change nothing (RFC 9110 §9.2.1).
/// 2. `Sec-Fetch-Site` decides where there is one: `same-origin` and `none` (the user's own doing, as a bookmark) are
///    allowed, everything else is refused, `same-site` too.
/// 3. Otherwise `Origin` decides where there is one: its host and port have to be those that the request asks for.
/// 4. A request with neither field is allowed: it comes from no browser, or from one of before 2020 by a form.
///
/// What 2 and 3 would refuse is allowed from a trusted origin, and at an exempt path.
///
/// Adapters have a middleware for it: `CrossSiteProtectionMiddleware` of SessHummingbird, `CrossSiteProtectionHandler`
/// of SessMiddler. For forms that need more, as on a site that trusts its sub-domains' origins, see
/// ``Session/csrfToken()``.
public struct CrossSiteProtection: Sendable {
    private let trustedOrigins: Set<WebOrigin>
    private let exemptPaths: [[Substring]]

    /// Makes the check.
    ///
    /// - Parameters:
    ///   - trustedOrigins: Other origins whose pages may send requests here, each as `scheme://host[:port]`.
    ///   - exemptPaths: Paths that any page may send requests to, with all that are below them: `/saml` is `/saml` and
    ///     `/saml/acs`, and not `/samlet`. For what checks its sender by itself, such as a signed message in a form.
    /// - Throws: ``SessionError/Code/invalidConfiguration`` for an origin or a path of another form.
    public init(trustedOrigins: [String] = [], exemptPaths: [String] = []) throws(SessionError) {
        var origins: Set<WebOrigin> = []
        for text in trustedOrigins {
            guard let origin = WebOrigin(text) else {
                throw SessionError(
                    .invalidConfiguration,
                    "'\(text)' is no origin: right is 'scheme://host' or 'scheme://host:port', with nothing behind it")
            }
            origins.insert(origin)
        }
        self.trustedOrigins = origins
        for path in exemptPaths where !Self.isPlain(path) {
            throw SessionError(
                .invalidConfiguration,
                "'\(path)' is no exempt path: it begins with '/' and has neither '*', '?', '%', '//' nor '..'")
        }
        self.exemptPaths = exemptPaths.map { $0 == "/" ? [] : $0.dropFirst().split(separator: "/") }
    }

    /// The check without trusted origins and exempt paths.
    public init() {
        trustedOrigins = []
        exemptPaths = []
    }

    /// Why a request is refused; `nil` where it is allowed.
    ///
    /// - Parameters:
    ///   - method: The request's method.
    ///   - path: The request's target path, without a query, as the client has sent it.
    ///   - authority: The host that the client asks, with the port where it names one: the `Host` field of HTTP/1.1,
    ///     `:authority` of HTTP/2.
    ///   - headerFields: The request's header fields.
    public func refusal(
        method: HTTPRequest.Method, path: String, authority: String?, headerFields: HTTPFields
    ) -> CrossSiteRefusal? {
        switch method {
        case .get, .head, .options: return nil
        default: break
        }
        // Several fields are read as one that lists them, which equals none that is allowed.
        let origin = headerFields[.origin]
        let reason: CrossSiteRefusal.Reason
        if let site = headerFields[.secFetchSite], !site.isEmpty {
            if site == "same-origin" || site == "none" { return nil }
            reason = .secFetchSite
        } else {
            guard let origin, !origin.isEmpty else { return nil }
            if let authority, WebOrigin(origin)?.isHost(authority) == true { return nil }
            reason = .origin
        }
        if !trustedOrigins.isEmpty, let origin = origin.flatMap(WebOrigin.init), trustedOrigins.contains(origin) {
            return nil
        }
        return isExempt(path) ? nil : CrossSiteRefusal(reason: reason)
    }

    /// Whether a path is exempt. One that a router might read in another way never is.
    private func isExempt(_ path: String) -> Bool {
        guard !exemptPaths.isEmpty, Self.isPlain(path) else { return false }
        let segments = path.dropFirst().split(separator: "/")
        return exemptPaths.contains { segments.starts(with: $0) }
    }

    private static func isPlain(_ path: String) -> Bool {
        guard path.hasPrefix("/"), !path.utf8.contains(where: { "*?%#\\".utf8.contains($0) }) else { return false }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return !segments.contains { $0 == "." || $0 == ".." } && !segments.dropLast().contains("")
    }
}

extension HTTPField.Name {
    // A token of RFC 9110 §5.6.2, so the initializer can't answer nil.
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
