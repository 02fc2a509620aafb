/// Base64 with the URL-safe alphabet and no padding (RFC 4648 §5), strict: one text for each sequence of bytes.
enum Base64URL {
    /// The length of the text of a number of bytes.
    static func encodedLength(_ byteCount: Int) -> Int { (byteCount * 8 + 5) / 6 }

    /// Appends the text of bytes.
    static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        var accumulator: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            accumulator = accumulator << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(character(UInt8(truncatingIfNeeded: accumulator >> bits) & 63))
            }
        }
        if bits > 0 {
            text.append(character(UInt8(truncatingIfNeeded: accumulator << (6 - bits)) & 63))
        }
    }

    /// Decodes a text that has exactly the length for `output` and whose spare low bits are zero.
    ///
    /// - Returns: Whether the text was valid; `output` is meaningless where it was not.
    static func decode(_ text: some Collection<UInt8>, into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard text.count == encodedLength(output.count) else { return false }
        var accumulator: UInt32 = 0
        var bits: UInt32 = 0
        var position = 0
        for symbol in text {
            let digit = value(symbol)
            guard digit < 64 else { return false }
            accumulator = accumulator << 6 | UInt32(digit)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output[position] = UInt8(truncatingIfNeeded: accumulator >> bits)
                position += 1
            }
        }
        return position == output.count && accumulator & (1 << bits - 1) == 0
    }

    private static func character(_ digit: UInt8) -> UInt8 {
        switch digit {
        case 0..<26: UInt8(ascii: "A") + digit
        case 26..<52: UInt8(ascii: "a") + digit - 26
        case 52..<62: UInt8(ascii: "0") + digit - 52
        case 62: UInt8(ascii: "-")
        default: UInt8(ascii: "_")
        }
    }

    private static func value(_ symbol: UInt8) -> UInt8 {
        switch symbol {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): symbol - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): symbol - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): symbol - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: 255
        }
    }
}
