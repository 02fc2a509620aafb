/// A name that is compared by its UTF-8 bytes, as stores and RFC 8259 §8.3 compare names.
///
/// `String` compares by canonical equivalence, under which two names that differ in a store would be one.
package struct ByteName: Hashable, Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (lhs: ByteName, rhs: ByteName) -> Bool {
        lhs.text.hasSameBytes(as: rhs.text)
    }

    package func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
        hasher.combine(0xFF as UInt8)
    }
}

extension String {
    /// Whether both texts are the same UTF-8 bytes.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}

extension Sequence<String> {
    /// Whether some name occurs twice.
    package func hasDuplicateName() -> Bool {
        var seen: Set<ByteName> = []
        return contains { !seen.insert(ByteName($0)).inserted }
    }
}
