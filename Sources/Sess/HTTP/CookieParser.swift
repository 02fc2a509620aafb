import HTTPTypes

/// Finds the values of one cookie in a request's `Cookie` fields (RFC 6265 §5.4), by bytes and in one pass.
///
/// It is stricter than most: names are compared exactly and are case-sensitive; blanks around a pair are space and
/// tab only; quotes, `$Version` and pairs without a name have no meaning; nothing is percent-decoded.
struct CookieParser: Sendable {
    /// The cookie's name.
    let name: [UInt8]

    init(name: String) {
        self.name = Array(name.utf8)
    }

    /// Runs a function on the values of the cookie, in the order sent, wherever they stand.
    ///
    /// - Parameter lengths: The numbers of bytes that a value may have; others are passed over.
    func forEachValue(
        in fields: HTTPFields, lengths: ClosedRange<Int>, _ body: (ArraySlice<UInt8>) -> Void
    ) {
        // A walk over the fields: their look-up by name would first build an index of them all.
        for field in fields where field.name == .cookie {
            var field = field.value
            field.withUTF8 { scan($0, lengths, body) }
        }
    }

    private func scan(
        _ bytes: UnsafeBufferPointer<UInt8>, _ lengths: ClosedRange<Int>, _ body: (ArraySlice<UInt8>) -> Void
    ) {
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ";") { end += 1 }
            if let value = value(of: bytes, start, end), lengths.contains(value.count) {
                body(ArraySlice(UnsafeBufferPointer(rebasing: bytes[value])))
            }
            start = end + 1
        }
    }

    /// Where the value is of the pair between two places, if the pair is one of this cookie.
    private func value(of bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Range<Int>? {
        var (start, end) = (start, end)
        while start < end, Self.isBlank(bytes[start]) { start += 1 }
        while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
        guard end - start > name.count, bytes[start + name.count] == UInt8(ascii: "=") else { return nil }
        for index in name.indices where bytes[start + index] != name[index] { return nil }
        return start + name.count + 1..<end
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
