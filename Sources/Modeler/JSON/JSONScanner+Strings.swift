extension JSONScanner {
    /// Where a string's text lies, without its quotes.
    struct StringToken {
        var range: Range<Int>
        var hasEscapes: Bool
    }

    /// Checks and skips a string: its escapes, its UTF-8, and that no control character stands in it.
    mutating func skipString() throws(ModelError) -> StringToken {
        try take(UInt8(ascii: "\""), "a string")
        let start = position
        var hasEscapes = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return StringToken(range: start..<(position - 1), hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                _ = try takeEscape()
            case 0x20...0x7F: skipPlainText()
            case 0x80...0xFF: try skipMultibyteScalar()
            default: throw failure("an escaped control character")
            }
        }
        throw failure("'\"'")
    }

    /// Skips ASCII that stands for itself.
    private mutating func skipPlainText() {
        var end = position + 1
        while end < bytes.count {
            let byte = bytes[end]
            guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { break }
            end += 1
        }
        position = end
    }

    /// Takes one escape, from its backslash, and gives what it stands for. A surrogate without its other half stands
    /// for nothing and is refused.
    mutating func takeEscape() throws(ModelError) -> Unicode.Scalar {
        position += 1
        let kind = current
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let start = position - 2
            let unit = try takeHexadecimal()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            if unit < 0xDC00, current == UInt8(ascii: "\\") {
                position += 1
                try take(UInt8(ascii: "u"), "the second half of a surrogate pair")
                let second = try takeHexadecimal()
                if (0xDC00...0xDFFF).contains(second),
                    let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
                {
                    return scalar
                }
            }
            position = start
            throw failure("a whole surrogate pair")
        default:
            position = min(position - 1, bytes.count)
            throw failure("an escape")
        }
    }

    private mutating func takeHexadecimal() throws(ModelError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            switch current {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(current - 0x30)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(current - 0x57)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(current - 0x37)
            default: throw failure("a hexadecimal digit")
            }
            position += 1
        }
        return unit
    }

    /// Checks one scalar beyond ASCII against the well-formed sequences of Unicode's table 3-7.
    private mutating func skipMultibyteScalar() throws(ModelError) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch bytes[position] {
        case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
        case 0xE0: (second, length) = (0xA0...0xBF, 3)
        case 0xE1...0xEC, 0xEE...0xEF: (second, length) = (0x80...0xBF, 3)
        case 0xED: (second, length) = (0x80...0x9F, 3)
        case 0xF0: (second, length) = (0x90...0xBF, 4)
        case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
        case 0xF4: (second, length) = (0x80...0x8F, 4)
        default: throw failure("UTF-8")
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]),
            length < 3 || bytes[position + 2] & 0xC0 == 0x80,
            length < 4 || bytes[position + 3] & 0xC0 == 0x80
        else { throw failure("UTF-8") }
        position += length
    }

    /// The text of a string that was skipped before.
    func text(of token: StringToken) throws(ModelError) -> String {
        let content = UnsafeBufferPointer(rebasing: bytes[token.range])
        guard token.hasEscapes else { return String(decoding: content, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(content.count)
        var scanner = self
        scanner.position = token.range.lowerBound
        while scanner.position < token.range.upperBound {
            if scanner.current == UInt8(ascii: "\\") {
                text.append(contentsOf: String(try scanner.takeEscape()).utf8)
            } else {
                text.append(scanner.current)
                scanner.position += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
