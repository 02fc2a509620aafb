/// The `Forwarded` fields of a request (RFC 7239 §4): one element for each proxy on the way, the nearest one last.
struct ForwardedHeader: Sendable {
    /// What a proxy says of the connection that it got the request by.
    struct Element: Sendable, Equatable {
        /// Its other end: `for`, without brackets and port.
        var address: String?
        /// The protocol: `proto`, in lower case.
        var scheme: String?
    }

    private(set) var elements: [Element] = []

    /// Reads the fields; `nil` where a quote isn't closed or an element's end can't be found, as then nothing can be
    /// told from the rest. Parameters that are odd by themselves, such as `a`, `a=` and `a=b==`, void nothing.
    init?(_ fields: [String]) {
        for field in fields {
            var parser = Parser(bytes: Array(field.utf8))
            guard let found = parser.elements() else { return nil }
            elements += found
        }
    }

    /// The protocol that the client used, as far as trusted proxies tell: what the nearest one says, and what the one
    /// before says if the nearest got the request from another trusted one. `nil` where that one says nothing of it.
    func scheme(trusting proxies: TrustedProxies) -> String? {
        var scheme: String?
        for element in elements.reversed() {
            scheme = element.scheme
            guard let address = element.address, proxies.contains(address) else { break }
        }
        return scheme
    }

    private struct Parser {
        let bytes: [UInt8]
        var position = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func elements() -> [Element]? {
            var elements: [Element] = []
            while true {
                guard let found = element() else { return nil }
                if let found { elements.append(found) }
                guard position < bytes.count else { return elements }
                position += 1
            }
        }

        /// An element up to its comma; without a value where there is nothing (RFC 9110 §5.6.1.2).
        private mutating func element() -> Element?? {
            var element = Element()
            var isEmpty = true
            while true {
                skipBlanks()
                if position < bytes.count, bytes[position] != UInt8(ascii: ";"), bytes[position] != UInt8(ascii: ",") {
                    guard let (name, value) = pair() else { return nil }
                    isEmpty = false
                    switch name {
                    case "for": element.address = Self.address(value)
                    case "proto" where !value.isEmpty: element.scheme = value.lowercased()
                    default: break
                    }
                }
                skipBlanks()
                guard position < bytes.count, bytes[position] == UInt8(ascii: ";") else { break }
                position += 1
            }
            guard position == bytes.count || bytes[position] == UInt8(ascii: ",") else { return nil }
            return .some(isEmpty ? nil : element)
        }

        /// A parameter; its value is empty where it has none.
        private mutating func pair() -> (name: String, value: String)? {
            let start = position
            let name = token(endsAtEqualsSign: true)
            guard position < bytes.count, bytes[position] == UInt8(ascii: "=") else {
                return position > start ? (name.lowercased(), "") : nil
            }
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                guard let value = quoted() else { return nil }
                return (name.lowercased(), value)
            }
            return (name.lowercased(), token(endsAtEqualsSign: false))
        }

        /// Everything up to a delimiter. More than a token of RFC 9110 §5.6.2, as proxies write bare addresses.
        private mutating func token(endsAtEqualsSign: Bool) -> String {
            let start = position
            while position < bytes.count, !Self.isDelimiter(bytes[position]),
                !(endsAtEqualsSign && bytes[position] == UInt8(ascii: "="))
            {
                position += 1
            }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        /// A quoted string (RFC 9110 §5.6.4).
        private mutating func quoted() -> String? {
            position += 1
            var value: [UInt8] = []
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    return String(decoding: value, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    position += 1
                    guard position < bytes.count else { return nil }
                    fallthrough
                default:
                    value.append(bytes[position])
                    position += 1
                }
            }
            return nil
        }

        private mutating func skipBlanks() {
            while position < bytes.count, bytes[position] == UInt8(ascii: " ") || bytes[position] == UInt8(ascii: "\t")
            {
                position += 1
            }
        }

        private static func isDelimiter(_ byte: UInt8) -> Bool {
            byte <= 0x20 || byte == 0x7F || ",;\"".utf8.contains(byte)
        }

        /// A node's address (RFC 7239 §6): `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`.
        private static func address(_ node: String) -> String {
            if node.first == "[" { return String(node.dropFirst().prefix { $0 != "]" }) }
            let parts = node.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count == 2 ? String(parts[0]) : node
        }
    }
}
