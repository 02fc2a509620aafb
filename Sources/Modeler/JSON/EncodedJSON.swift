/// A JSON value (RFC 8259) as its own bytes, decoded only when somebody asks.
///
/// Equality is that of the bytes: `1` and `1.0` differ, and so do two orders of an object's members.
public struct EncodedJSON: Sendable, Hashable {
    /// The value's UTF-8 text.
    public let bytes: ArraySlice<UInt8>

    /// Takes bytes that are one valid JSON value, as those that a store has read back are. No object in it should have
    /// two members of one name; ``init(validating:limits:)`` sees to that.
    public init(unchecked bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    public static func == (lhs: EncodedJSON, rhs: EncodedJSON) -> Bool {
        lhs.bytes == rhs.bytes
    }
}

extension EncodedJSON: CustomStringConvertible {
    /// The size only: values don't belong in logs.
    public var description: String { "JSON of \(bytes.count) bytes" }
}
