import NIOCore

/// Why the decoder refuses a request for its version: it says the same of a version that it doesn't know and of a line
/// that ends in the wrong way or names no version.
enum RequestVersion {
    /// Whether the first request line here that can't be served names a version other than 1.0 and 1.1, which makes it
    /// one for 505 rather than 400 (RFC 9110 §15.6.6).
    static func isOther(in bytes: ByteBuffer?) -> Bool {
        guard var rest = bytes?.readableBytesView[...] else { return false }
        while let mark = rest.firstRange(of: Self.mark) {
            rest = rest[mark.upperBound...]
            let version = rest.prefix(3).map { $0 }
            guard version.count == 3, isDigit(version[0]), version[1] == UInt8(ascii: "."), isDigit(version[2]) else {
                return false
            }
            let isKnown = version[0] == UInt8(ascii: "1") && version[2] <= UInt8(ascii: "1")
            guard isKnown else { return true }
            guard rest.dropFirst(3).starts(with: [13, 10]) else { return false }
        }
        return false
    }

    private static let mark = Array(" HTTP/".utf8)

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
