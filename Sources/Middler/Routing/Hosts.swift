/// The virtual hosts that a handler is for, such as `localhost` and `*.mydomain.com`.
///
/// `*` stands for any characters; letters match in both cases. A port in a request is ignored unless the pattern has
/// one.
struct Hosts: Sendable {
    private struct Pattern: Sendable {
        var glob: Glob
        var hasPort: Bool
    }

    private let patterns: [Pattern]

    /// These hosts; every one where there are none.
    init(_ hosts: [String]) {
        patterns = hosts.map { host in
            let bytes = Array(host.lowercased().utf8)
            return Pattern(glob: Glob(bytes[...]), hasPort: Self.portStart(bytes[...]) != nil)
        }
    }

    func contains(_ authority: String?) -> Bool {
        guard !patterns.isEmpty else { return true }
        let whole = Array((authority ?? "").lowercased().utf8)[...]
        let host = whole[..<(Self.portStart(whole) ?? whole.endIndex)]
        return patterns.contains { $0.glob.match($0.hasPort ? whole : host) != nil }
    }

    /// Where `:port` begins. Colons within the brackets of an IPv6 address are none of it (RFC 3986 §3.2.2).
    private static func portStart(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        return bytes[colon...].contains(UInt8(ascii: "]")) ? nil : colon
    }
}
