/// One reply in a flat value. Nodes lie in depth-first order: an array's elements follow it.
package struct RESPNode: Sendable {
    /// The integer's value, or where in the arena the string's bytes begin.
    var value: Int64
    /// How many bytes the string or how many elements the array has.
    var count: UInt32
    /// The index of the first node after this one and all that is in it.
    var end: UInt32
    var kind: RESPKind

    init(kind: RESPKind, value: Int64 = 0, count: UInt32 = 0, end: UInt32) {
        self.value = value
        self.count = count
        self.end = end
        self.kind = kind
    }

    /// Where in the arena a string's bytes are; `nil` for what is no string.
    var byteRange: Range<Int>? {
        switch kind {
        case .simpleString, .error, .bulkString: Int(value)..<Int(value) + Int(count)
        case .integer, .null, .array: nil
        }
    }
}
