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
    /// or in `X-Forwarded-Proto`. Of several values of the latter the last counts, being the nearest proxy's own. Where
    /// both fields are there they have to agree, since a proxy that writes the one may pass a client's other.
    func isSecure(trusting proxies: TrustedProxies) -> Bool {
        if isSecure { return true }
        guard let remoteAddress, proxies.contains(remoteAddress) else { return false }
        let (forwarded, proto) = (headerFields[values: .forwarded], headerFields[values: .xForwardedProto])
        if forwarded.isEmpty, proto.isEmpty { return false }
        if !forwarded.isEmpty, ForwardedHeader(forwarded)?.scheme(trusting: proxies) != "https" { return false }
        guard let last = proto.last else { return true }
        guard let nearest = last.split(separator: ",", omittingEmptySubsequences: false).last else { return false }
        return Self.trimmed(nearest).lowercased() == "https"
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
