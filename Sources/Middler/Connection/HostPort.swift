import NIOCore

/// A host with or without a port, as `Host` and targets in absolute form have it (RFC 9110 §7.2, RFC 3986 §3.2).
enum HostPort {
    /// Whether a text is a name, an IPv4 address or an IPv6 address in brackets, and a port if anything follows.
    static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8[...]
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = String(text[text.index(after: text.startIndex)..<end])
            return isIPv6(address) && isPort(bytes[bytes.index(after: end)...])
        }
        let name = bytes.prefix { $0 != UInt8(ascii: ":") }
        return !name.isEmpty && isName(name) && isPort(bytes[name.endIndex...])
    }

    private static func isIPv6(_ text: String) -> Bool {
        // The parser takes zones too, which URIs have not.
        guard !text.utf8.contains(UInt8(ascii: "%")), let address = try? SocketAddress(ipAddress: text, port: 0) else {
            return false
        }
        return address.protocol == .inet6
    }

    /// Nothing, or a colon and a number, which may be missing.
    private static func isPort(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first else { return true }
        let digits = bytes.dropFirst()
        guard first == UInt8(ascii: ":"), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return digits.isEmpty || UInt16(String(Substring(digits))) != nil
    }

    /// The characters of a registered name; `%` begins two hexadecimal digits.
    private static func isName(_ bytes: Substring.UTF8View) -> Bool {
        var rest = bytes
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                continue
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst(), let low = rest.popFirst(), isHexadecimal(high), isHexadecimal(low)
                else { return false }
            default:
                guard "-._~!$&'()*+,;=".utf8.contains(byte) else { return false }
            }
        }
        return true
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
