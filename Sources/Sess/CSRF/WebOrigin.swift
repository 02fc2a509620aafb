/// The origin of a page (RFC 6454 §6.2): scheme, host and port, in lower case and with the scheme's own port left out.
struct WebOrigin: Hashable {
    private let scheme: String
    private let host: String

    /// Reads `scheme://host[:port]`; `nil` for everything else, `null` too.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].hasPrefix("//"), let first = parts[0].utf8.first, Self.isLetter(first),
            parts[0].utf8.allSatisfy({ Self.isLetter($0) || Self.isDigit($0) || "+-.".utf8.contains($0) })
        else { return nil }
        let scheme = parts[0].lowercased()
        guard let host = Self.normalized(parts[1].dropFirst(2), scheme: scheme) else { return nil }
        self.scheme = scheme
        self.host = host
    }

    /// Whether it is the origin of pages of a host, by the same port. The scheme isn't compared: a server behind a
    /// proxy doesn't know the client's.
    func isHost(_ authority: String) -> Bool {
        Self.normalized(authority[...], scheme: scheme) == host
    }

    /// A host with its port, if that isn't the scheme's own; `nil` for what is none.
    private static func normalized(_ authority: Substring, scheme: String) -> String? {
        let end = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        let name = end.map { authority[..<$0] } ?? authority
        let isAddress = name.hasPrefix("[") && name.hasSuffix("]")
        let allowed = isAddress ? "-._~%[]:" : "-._~"
        guard !name.isEmpty, name.utf8.allSatisfy({ isLetter($0) || isDigit($0) || allowed.utf8.contains($0) }) else {
            return nil
        }
        let host = name.lowercased()
        guard let end else { return host }
        guard let port = UInt16(authority[authority.index(after: end)...]), port > 0,
            authority[authority.index(after: end)...].utf8.allSatisfy(isDigit)
        else { return nil }
        return port == defaultPorts[scheme] ? host : "\(host):\(port)"
    }

    private static let defaultPorts: [String: UInt16] = ["http": 80, "https": 443, "ws": 80, "wss": 443]

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
