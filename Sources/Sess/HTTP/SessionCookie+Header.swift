import Modeler

extension SessionCookie {
    /// The `Set-Cookie` value that gives the client a token.
    ///
    /// - Parameters:
    ///   - token: The text that the client is to hold.
    ///   - isSecure: Whether the request came over TLS.
    ///   - remaining: How long the client is to keep it, which is 1 second to 400 days; `nil` until the browser's
    ///     session ends.
    func header(token: String, isSecure: Bool, remaining: Duration?) -> String {
        var header = "\(name)=\(token)"
        if let remaining {
            // 0 would make the client forget it.
            header += "; Max-Age=\(max(1, Self.age(remaining).components.seconds))"
        }
        appendAttributes(to: &header, isSecure: isSecure)
        return header
    }

    /// The longest that browsers keep a cookie, 400 days (rfc6265bis §5.5).
    static let maximumAge = Duration.seconds(400 * 24 * 3600)

    /// How long the client is to keep a cookie that lives as long as its session.
    ///
    /// - Parameter remaining: What the session has left; `nil` for one without limits.
    static func age(_ remaining: Duration?) -> Duration {
        min(remaining ?? maximumAge, maximumAge)
    }

    /// The `Set-Cookie` value that makes the client forget the cookie. The attributes that tell cookies apart are those
    /// it was set with, since a browser takes it for another cookie otherwise (RFC 6265 §5.3).
    func expiringHeader(isSecure: Bool) -> String {
        var header = "\(name)=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        appendAttributes(to: &header, isSecure: isSecure)
        return header
    }

    private func appendAttributes(to header: inout String, isSecure: Bool) {
        if let domain { header += "; Domain=\(domain)" }
        header += "; Path=\(path)"
        let hasSecure = secure == .always || (secure == .auto && isSecure)
        if hasSecure { header += "; Secure" }
        if httpOnly { header += "; HttpOnly" }
        let sameSite = sameSite == .auto ? (hasSecure ? SameSite.none : .lax) : sameSite
        if sameSite != .none || hasSecure { header += "; SameSite=\(sameSite.rawValue)" }
        if partitioned, hasSecure { header += "; Partitioned" }
        if let priority { header += "; Priority=\(priority.rawValue)" }
    }

    /// Whether a request's path is one the cookie is sent for (RFC 6265 §5.1.4).
    func covers(path requestPath: String) -> Bool {
        if path == "/" { return true }
        let target = requestPath.utf8.prefix { $0 != UInt8(ascii: "?") }
        guard target.starts(with: path.utf8) else { return false }
        return target.count == path.utf8.count || path.utf8.last == UInt8(ascii: "/")
            || target[target.index(target.startIndex, offsetBy: path.utf8.count)] == UInt8(ascii: "/")
    }
}
