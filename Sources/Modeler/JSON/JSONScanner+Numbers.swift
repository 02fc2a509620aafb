extension JSONScanner {
    /// Where a number's literal lies, and whether it has neither fraction nor exponent.
    struct NumberToken {
        var range: Range<Int>
        var isIntegral: Bool
    }

    /// Checks and skips a number.
    mutating func skipNumber() throws(ModelError) -> NumberToken {
        let start = position
        var isIntegral = true
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") {
            position += 1
        } else {
            try skipDigits(position == start ? "a value" : "a digit")
        }
        if current == UInt8(ascii: ".") {
            isIntegral = false
            position += 1
            try skipDigits("a digit")
        }
        if current | 0x20 == UInt8(ascii: "e") {
            isIntegral = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try skipDigits("a digit")
        }
        return NumberToken(range: start..<position, isIntegral: isIntegral)
    }

    private mutating func skipDigits(_ expected: String) throws(ModelError) {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        guard position > start else { throw failure(expected) }
    }

    /// The literal of a number that was skipped before.
    func literal(of token: NumberToken) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[token.range]), as: UTF8.self)
    }

    /// The integer of a literal that has neither fraction nor exponent; `nil` where `Int` can't hold it.
    func integer(of token: NumberToken) -> Int? {
        guard token.isIntegral else { return nil }
        var digits = token.range
        let isNegative = bytes[digits.lowerBound] == UInt8(ascii: "-")
        if isNegative { digits = (digits.lowerBound + 1)..<digits.upperBound }
        var result = 0
        for index in digits {
            let digit = Int(bytes[index] - UInt8(ascii: "0"))
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            let (sum, carry) =
                isNegative
                ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            result = sum
        }
        return result
    }
}
