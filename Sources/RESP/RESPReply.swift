/// One reply within the flat value that holds it. Copying it, and walking into its elements, allocates nothing.
package struct RESPReply: Sendable {
    let node: RESPNode
    let index: Int
    let nodes: [RESPNode]
    let arena: [UInt8]

    package var kind: RESPKind { node.kind }

    package var isNull: Bool { node.kind == .null }

    /// The number, if the reply is an integer.
    package var integer: Int64? { node.kind == .integer ? node.value : nil }

    /// How many elements an array has, how many bytes a string has; 0 for anything else.
    package var count: Int { Int(node.count) }

    /// The bytes of a string, status or error, without a copy.
    package var bytes: ArraySlice<UInt8>? {
        guard let range = node.byteRange else { return nil }
        return arena[range]
    }

    /// A string, status or error as text. Bytes that aren't UTF-8 are replaced.
    package var string: String? {
        guard let range = node.byteRange else { return nil }
        return String(decoding: arena[range], as: UTF8.self)
    }

    /// Calls `body` with the bytes of a string, status or error; `nil` for any other kind.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard let range = node.byteRange else { return nil }
        return arena.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Whether the reply is a string or status of exactly these bytes.
    package func equals(_ text: StaticString) -> Bool {
        guard node.kind != .error, node.count == UInt32(truncatingIfNeeded: text.utf8CodeUnitCount) else {
            return false
        }
        return withBytes { bytes in
            bytes.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        } ?? false
    }
}
