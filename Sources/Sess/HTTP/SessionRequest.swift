public import HTTPTypes

/// What the session layer needs to know of a request. An adapter makes one from its framework's request.
public struct SessionRequest: Sendable {
    /// The request's header fields.
    public var headerFields: HTTPFields

    /// The request's target path; a query is ignored.
    public var path: String

    /// The host that the client asks, with the port where it names one: the `Host` field of HTTP/1.1, `:authority` of
    /// HTTP/2 (RFC 9110 §7.2). Clients write it, so decide nothing by a host that the app doesn't know. `nil` where the
    /// adapter doesn't tell.
    public var authority: String?

    /// Whether the connection to this server is TLS.
    public var isSecure: Bool

    /// The address of the connection's other end, as text without a port; `nil` where it has none (a unix socket).
    public var remoteAddress: String?

    /// Makes a request's description.
    public init(
        headerFields: HTTPFields,
        path: String,
        authority: String? = nil,
        isSecure: Bool,
        remoteAddress: String?
    ) {
        self.headerFields = headerFields
        self.path = path
        self.authority = authority
        self.isSecure = isSecure
        self.remoteAddress = remoteAddress
    }

    /// Whether the client used TLS: to this server, or to a trusted proxy that says so in `Forwarded` (RFC 7239 §5.4)
    /// or in `X-Forwarded-Proto`, as `https` or as `wss`. Of several values of the latter the last counts, being the
    /// nearest proxy's own. Where both fields name a protocol they have to agree, since a proxy that writes the one may
    /// pass a client's other; a `Forwarded` without `proto` says nothing of it.
    func isSecure(trusting proxies: TrustedProxies) -> Bool {
        if isSecure { return true }
        guard let remoteAddress, proxies.contains(remoteAddress) else { return false }
        guard let forwarded = ForwardedHeader(headerFields[values: .forwarded]) else { return false }
        let nearest = headerFields[values: .xForwardedProto].last.map { field in
            let values = field.split(separator: ",", omittingEmptySubsequences: false)
            return values.last.map(Self.trimmed)?.lowercased() ?? ""
        }
        let schemes = [forwarded.scheme(trusting: proxies), nearest].compactMap(\.self)
        return !schemes.isEmpty && schemes.allSatisfy(Self.isTLS)
    }

    /// Whether a scheme is one of TLS: of a request, or of the handshake of a web socket (RFC 6455 §3).
    private static func isTLS(_ scheme: String) -> Bool {
        scheme == "https" || scheme == "wss"
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}

extension HTTPField.Name {
    // Both are tokens of RFC 9110 §5.6.2, so the initializer can't answer nil.
    fileprivate static let forwarded = HTTPField.Name("Forwarded")!
    fileprivate static let xForwardedProto = HTTPField.Name("X-Forwarded-Proto")!
}
