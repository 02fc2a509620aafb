import HTTPTypes

/// Finds the values of one cookie in a request's `Cookie` fields (RFC 6265 §5.4), by bytes and in one pass.
///
/// It is stricter than most: names are compared exactly and are case-sensitive; blanks around a pair are space and
/// tab only; quotes, `$Version` and pairs without a name have no meaning; nothing is percent-decoded.
struct CookieParser: Sendable {
    /// The cookie's name.
    let name: [UInt8]

    /// The bytes of the fields that are considered, all together; what comes after them is ignored.
    static let consideredBytes = 8 * 1024

    /// The most values returned. More than two of one name come from no browser that behaves.
    static let maximumCandidates = 2

    init(name: String) {
        self.name = Array(name.utf8)
    }

    /// The values of the cookie, in the order sent; at most ``maximumCandidates``.
    func values(in fields: HTTPFields) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var budget = Self.consideredBytes
        for field in fields[values: .cookie] {
            scan(Array(field.utf8.prefix(budget)), into: &found)
            budget -= min(budget, field.utf8.count)
            if budget == 0 || found.count == Self.maximumCandidates { break }
        }
        return found
    }

    private func scan(_ bytes: [UInt8], into found: inout [ArraySlice<UInt8>]) {
        var start = 0
        while start < bytes.count, found.count < Self.maximumCandidates {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ";")) ?? bytes.count
            if let value = value(of: bytes[start..<end]) {
                found.append(value)
            }
            start = end + 1
        }
    }

    private func value(of pair: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var pair = pair
        while let first = pair.first, Self.isBlank(first) { pair.removeFirst() }
        while let last = pair.last, Self.isBlank(last) { pair.removeLast() }
        guard pair.count > name.count, pair[pair.startIndex + name.count] == UInt8(ascii: "="), pair.starts(with: name)
        else { return nil }
        return pair.dropFirst(name.count + 1)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
}
