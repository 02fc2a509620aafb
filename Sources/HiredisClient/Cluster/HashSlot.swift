/// One of the 16,384 parts into which a Redis Cluster divides its keys: CRC16 of the key, or of its hash tag, which is
/// what stands between the first `{` and the first `}` behind it, if that is anything.
struct HashSlot: Sendable, Hashable {
    static let count = 16_384

    /// Less than ``count``.
    let number: UInt16

    /// The slot of a number; `nil` where there is none.
    init?(number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = UInt16(number)
    }

    init(_ key: String) {
        var key = key
        self = key.withUTF8 { HashSlot(key: UnsafeRawBufferPointer($0)) }
    }

    init(key: UnsafeRawBufferPointer) {
        var tag = key
        if let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        {
            tag = UnsafeRawBufferPointer(rebasing: key[(open + 1)..<close])
        }
        number = Self.checksum(tag) & UInt16(Self.count - 1)
    }

    /// CRC16 of XMODEM: polynomial 0x1021, from 0, most significant bit first.
    private static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
        remainders.withUnsafeBufferPointer { remainders in
            var sum: UInt16 = 0
            for byte in bytes { sum = sum << 8 ^ remainders[Int(UInt8(truncatingIfNeeded: sum >> 8) ^ byte)] }
            return sum
        }
    }

    private static let remainders: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { rest, _ in rest & 0x8000 == 0 ? rest << 1 : rest << 1 ^ 0x1021 }
    }
}
