public import HTTPTypes

/// What the session layer needs to know of a request. An adapter makes one from its framework's request.
public struct SessionRequest: Sendable {
    /// The request's header fields.
    public var headerFields: HTTPFields

    /// The request's target path; a query is ignored.
    public var path: String

    /// Whether the connection to this server is TLS.
    public var isSecure: Bool

    /// The address of the connection's other end, as text without a port; `nil` where it has none (a unix socket).
    public var remoteAddress: String?

    /// Makes a request's description.
    public init(headerFields: HTTPFields, path: String, isSecure: Bool, remoteAddress: String?) {
        self.headerFields = headerFields
        self.path = path
        self.isSecure = isSecure
        self.remoteAddress = remoteAddress
    }

    /// Whether the client used TLS: to this server, or to a trusted proxy that says so in `Forwarded` (RFC 7239 §5.4)
    /// or in `X-Forwarded-Proto`. Of several values the last counts, being the nearest proxy's own.
    func isSecure(trusting proxies: TrustedProxies) -> Bool {
        if isSecure { return true }
        guard let remoteAddress, proxies.contains(remoteAddress) else { return false }
        if let forwarded = headerFields[values: .forwarded].last {
            return Self.forwardedProtocol(forwarded) == "https"
        }
        guard let proto = headerFields[values: .xForwardedProto].last?.split(separator: ",").last else { return false }
        return Self.trimmed(proto).lowercased() == "https"
    }

    private static func forwardedProtocol(_ field: String) -> String? {
        guard let element = field.split(separator: ",").last else { return nil }
        for parameter in element.split(separator: ";") {
            let parts = parameter.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, trimmed(parts[0]).lowercased() == "proto" else { continue }
            var value = trimmed(parts[1])
            if value.count >= 2, value.first == "\"", value.last == "\"" {
                value = String(value.dropFirst().dropLast())
            }
            return value.lowercased()
        }
        return nil
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
