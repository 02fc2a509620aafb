/// Base64 with the URL-safe alphabet and no padding (RFC 4648 §5), strict: one text for each sequence of bytes.
enum Base64URL {
    /// The length of the text of a number of bytes.
    static func encodedLength(_ byteCount: Int) -> Int { (byteCount * 8 + 5) / 6 }

    /// Appends the text of bytes.
    static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        text += encode(bytes)
    }

    /// The text of bytes.
    static func encode(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: encodedLength(bytes.count)) { output, count in
            count = write(bytes, to: output)
        }
    }

    /// The text of bytes, as a `String`.
    static func text(of bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: encodedLength(bytes.count)) { write(bytes, to: $0) }
    }

    /// Writes the text of bytes to memory that has room for it.
    ///
    /// - Returns: The text's length.
    private static func write(_ bytes: UnsafeRawBufferPointer, to output: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        var accumulator: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            accumulator = accumulator << 8 | UInt32(byte)
            bits &+= 8
            while bits >= 6 {
                bits &-= 6
                output[count] = character(accumulator &>> bits)
                count &+= 1
            }
        }
        if bits > 0 {
            output[count] = character(accumulator &<< (6 &- bits))
            count &+= 1
        }
        return count
    }

    /// Decodes a text that has exactly the length for `output` and whose spare low bits are zero.
    ///
    /// - Returns: Whether the text was valid; `output` is meaningless where it was not.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableRawBufferPointer) -> Bool {
        guard text.count == encodedLength(output.count) else { return false }
        // Once for all symbols: each look at a static value asks whether it was made.
        let values = values
        var accumulator: UInt32 = 0
        var bits: UInt32 = 0
        var position = 0
        for symbol in text {
            let digit = values[Int(symbol)]
            guard digit < 64 else { return false }
            accumulator = accumulator << 6 | UInt32(digit)
            bits &+= 6
            if bits >= 8 {
                bits &-= 8
                output[position] = UInt8(truncatingIfNeeded: accumulator &>> bits)
                position &+= 1
            }
        }
        return position == output.count && accumulator & (1 &<< bits &- 1) == 0
    }

    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// The character of the low six bits.
    @inline(__always)
    private static func character(_ bits: UInt32) -> UInt8 { alphabet.utf8Start[Int(bits & 63)] }

    /// What each byte stands for; 255 for those that stand for nothing.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for digit in 0..<64 { values[Int(alphabet.utf8Start[digit])] = UInt8(digit) }
        return values
    }()
}
