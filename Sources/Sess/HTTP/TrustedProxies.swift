#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The proxies whose word about a request is believed, as blocks of addresses in CIDR form (RFC 4632, RFC 4291 §2.3).
public struct TrustedProxies: Sendable, Hashable {
    private struct Block: Sendable, Hashable {
        var address: [UInt8]
        var prefixLength: Int

        func contains(_ candidate: [UInt8]) -> Bool {
            guard candidate.count == address.count else { return false }
            let wholeBytes = prefixLength / 8
            guard candidate[..<wholeBytes] == address[..<wholeBytes] else { return false }
            let bits = prefixLength % 8
            guard bits > 0 else { return true }
            let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - bits))
            return candidate[wholeBytes] & mask == address[wholeBytes] & mask
        }
    }

    private var blocks: [Block]

    /// Believes no one: what a proxy says of a request is ignored. The default.
    public static let none = TrustedProxies(blocks: [])

    private init(blocks: [Block]) {
        self.blocks = blocks
    }

    /// Trusts blocks such as `10.0.0.0/8`, `fd00::/8` or one address such as `127.0.0.1`.
    ///
    /// A block of IPv4 holds the addresses mapped into IPv6 too, and may be written so: `::ffff:10.0.0.0/104` is
    /// `10.0.0.0/8`. One of IPv6 such as `::/0` holds none of IPv4.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration`` naming the first block that is none.
    public init(_ blocks: [String]) throws(SessionError) {
        self.blocks = []
        for text in blocks { self.blocks.append(try Self.block(text)) }
    }

    private static func block(_ text: String) throws(SessionError) -> Block {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let (address, isMapped) = bytes(of: String(parts[0])) else { throw notABlock(text) }
        guard parts.count == 2 else { return Block(address: address, prefixLength: address.count * 8) }
        let bits = isMapped ? 128 : address.count * 8
        guard let length = number(parts[1]), length <= bits else { throw notABlock(text) }
        guard isMapped else { return Block(address: address, prefixLength: length) }
        guard length >= 96 else {
            throw SessionError(
                .invalidConfiguration,
                "'\(text)' is an IPv4 address mapped into IPv6, with a prefix that ends before the address begins; "
                    + "right are prefixes of 96 to 128 bits, or the block in IPv4's own form, such as 10.0.0.0/8"
            )
        }
        return Block(address: address, prefixLength: length - 96)
    }

    private static func notABlock(_ text: String) -> SessionError {
        SessionError(
            .invalidConfiguration,
            "'\(text)' is not a block of addresses; right are forms such as 10.0.0.0/8, fd00::/8 and 127.0.0.1"
        )
    }

    /// The number of bits that a text of digits names, without a sign or a leading zero.
    private static func number(_ text: Substring) -> Int? {
        guard (1...3).contains(text.utf8.count), text == "0" || text.first != "0",
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }

    /// Whether no proxy is trusted.
    var isEmpty: Bool { blocks.isEmpty }

    /// Whether an address, as text, is in one of the blocks.
    public func contains(_ address: String) -> Bool {
        guard !blocks.isEmpty, let (bytes, _) = Self.bytes(of: address) else { return false }
        return blocks.contains { $0.contains(bytes) }
    }

    /// The bytes of an address; those of the IPv4 address for one mapped into IPv6 (RFC 4291 §2.5.5.2).
    private static func bytes(of text: String) -> (address: [UInt8], isMapped: Bool)? {
        // C reads no further than a NUL.
        guard !text.utf8.contains(0) else { return nil }
        var v4 = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &v4) == 1 { return (v4, false) }
        var v6 = [UInt8](repeating: 0, count: 16)
        let unscoped = String(text.prefix { $0 != "%" })
        guard inet_pton(AF_INET6, unscoped, &v6) == 1 else { return nil }
        let isMapped = v6[..<10].allSatisfy { $0 == 0 } && v6[10] == 0xFF && v6[11] == 0xFF
        return (isMapped ? Array(v6[12...]) : v6, isMapped)
    }
}
