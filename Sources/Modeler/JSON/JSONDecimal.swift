/// The number that a JSON literal denotes, exactly: `0.digits × 10^exponent`.
struct JSONDecimal: Hashable {
    /// Whether the literal has neither fraction nor exponent.
    let isIntegral: Bool
    private let isNegative: Bool
    /// The digits from the first to the last that isn't zero; none for zero.
    private let digits: [UInt8]
    private let exponent: Int

    /// Reads a literal; `nil` for what is no number, and for an exponent beyond `Int`.
    init?(_ literal: String) {
        var digits: [UInt8] = []
        var exponent = 0
        var (hasPoint, hasDigits, written) = (false, false, 0)
        var rest = Array(literal.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        while let byte = rest.first, byte | 0x20 != UInt8(ascii: "e") {
            rest.removeFirst()
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            hasDigits = true
            let isLeadingZero = digits.isEmpty && byte == UInt8(ascii: "0")
            if !isLeadingZero { digits.append(byte) }
            if hasPoint { exponent -= isLeadingZero ? 1 : 0 } else { exponent += isLeadingZero ? 0 : 1 }
        }
        guard hasDigits else { return nil }
        if !rest.isEmpty {
            guard let power = Int(String(decoding: rest.dropFirst(), as: UTF8.self)) else { return nil }
            written = power
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        let (sum, overflow) = exponent.addingReportingOverflow(written)
        guard !overflow else { return nil }
        self.isIntegral = !hasPoint && rest.isEmpty
        self.isNegative = isNegative && !digits.isEmpty
        self.digits = digits
        self.exponent = digits.isEmpty ? 0 : sum
    }

    /// The number as an integer; `nil` where it has a fraction, or is beyond `Int`.
    var int: Int? {
        guard exponent <= 19, digits.count <= max(exponent, 0) else { return nil }
        let zeros = Array(repeating: UInt8(ascii: "0"), count: max(exponent, 0) - digits.count)
        return Int((isNegative ? "-" : "") + String(decoding: [UInt8(ascii: "0")] + digits + zeros, as: UTF8.self))
    }
}
