/// Reads non-negative decimal numbers out of bytes.
struct DecimalReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    /// What has not been read.
    var rest: ArraySlice<UInt8> { bytes[position...] }

    /// The next number and the mark after it, which is passed over; `nil` where there is none or it is beyond `Int`.
    mutating func number(endingIn mark: UInt8) -> Int? {
        let start = position
        var value = 0
        while position < bytes.endIndex, bytes[position] != mark {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(digit))
            guard !overflow, !carry else { return nil }
            value = sum
            position += 1
        }
        guard position > start else { return nil }
        if position < bytes.endIndex { position += 1 }
        return value
    }
}
