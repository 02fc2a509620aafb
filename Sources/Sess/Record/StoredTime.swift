import Modeler

/// An instant as records of ours hold it: 1 to 18 digits, milliseconds since 1970 on the store's clock.
enum StoredTime {
    /// The last instant that is stored, in the year 31,690,708.
    private static let last = Timestamp(milliseconds: 999_999_999_999_999_999)

    /// The nearest instant that is stored.
    static func nearest(_ instant: Timestamp) -> Timestamp {
        min(max(instant, Timestamp(milliseconds: 0)), last)
    }

    /// Takes the digits off the front of a text; `nil` where there are none, or more than are ever written.
    static func take(_ text: inout ArraySlice<UInt8>) -> Timestamp? {
        let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...18).contains(digits.count) else { return nil }
        text = text.dropFirst(digits.count)
        return Timestamp(milliseconds: digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) })
    }

    /// The instant of a whole text; `nil` where it is none.
    static func read(_ text: some Collection<UInt8>) -> Timestamp? {
        var rest = ArraySlice(text)
        guard let instant = take(&rest), rest.isEmpty else { return nil }
        return instant
    }
}
