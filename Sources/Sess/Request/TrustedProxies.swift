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
    /// - Throws: ``SessionError/Code/invalidConfiguration`` naming the first block that is none.
    public init(_ blocks: [String]) throws(SessionError) {
        self.blocks = []
        for text in blocks {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard let address = Self.bytes(of: String(parts[0])), parts.count <= 2,
                let length = parts.count == 2 ? Int(parts[1]) : address.count * 8,
                (0...address.count * 8).contains(length)
            else {
                throw SessionError(
                    .invalidConfiguration,
                    "'\(text)' is not a block of addresses; right are forms such as 10.0.0.0/8, fd00::/8 and 127.0.0.1"
                )
            }
            self.blocks.append(Block(address: address, prefixLength: length))
        }
    }

    /// Whether no proxy is trusted.
    var isEmpty: Bool { blocks.isEmpty }

    /// Whether an address, as text, is in one of the blocks.
    public func contains(_ address: String) -> Bool {
        guard !blocks.isEmpty, let bytes = Self.bytes(of: address) else { return false }
        return blocks.contains { $0.contains(bytes) }
    }

    /// The bytes of an address; those of the IPv4 address for one mapped into IPv6 (RFC 4291 §2.5.5.2).
    private static func bytes(of text: String) -> [UInt8]? {
        var v4 = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &v4) == 1 { return v4 }
        var v6 = [UInt8](repeating: 0, count: 16)
        let unscoped = String(text.prefix { $0 != "%" })
        guard inet_pton(AF_INET6, unscoped, &v6) == 1 else { return nil }
        let isMapped = v6[..<10].allSatisfy { $0 == 0 } && v6[10] == 0xFF && v6[11] == 0xFF
        return isMapped ? Array(v6[12...]) : v6
    }
}
