import Modeler

/// Reads non-negative decimal numbers out of bytes, up to 2^53 - 1: those that scripts have exactly too.
struct DecimalReader {
    /// The largest number.
    static let largest = Int(RecordHead.largestNumber)

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// What has not been read.
    var rest: ArraySlice<UInt8> { bytes[position...] }

    /// The next number and the mark after it, which is passed over; `nil` where there is none or it is beyond
    /// ``largest``.
    mutating func number(endingIn mark: UInt8) -> Int? {
        let start = position
        var value = 0
        while position < bytes.endIndex, bytes[position] != mark {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            guard let next = Self.number(value, digit) else { return nil }
            value = next
            position += 1
        }
        guard position > start else { return nil }
        if position < bytes.endIndex { position += 1 }
        return value
    }

    /// A number with one more digit, or `nil` where it is beyond ``largest``.
    static func number(_ number: Int, _ digit: UInt8) -> Int? {
        // The number is no larger than 2^53 - 1, so that ten times it fits.
        let next = number &* 10 &+ Int(digit)
        return next <= largest ? next : nil
    }
}
