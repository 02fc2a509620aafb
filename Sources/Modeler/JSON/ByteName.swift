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
    @inline(__always)
    package func hasSameBytes(as other: String) -> Bool {
        // Texts of the same bytes are equal, which is found out faster; equal ones may differ in their bytes.
        utf8.count == other.utf8.count && self == other && hasEqualElements(other)
    }

    /// - Parameter other: A text of as many bytes.
    private func hasEqualElements(_ other: String) -> Bool {
        let isSame = utf8.withContiguousStorageIfAvailable { own in
            other.utf8.withContiguousStorageIfAvailable { theirs in
                var index = 0
                while index < own.count, own[index] == theirs[index] { index += 1 }
                return index == own.count
            }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}

extension Sequence<String> {
    /// Whether some name occurs twice.
    package func hasDuplicateName() -> Bool {
        var seen: Set<ByteName> = []
        var first: String?
        for name in self {
            // One name alone needs no set.
            guard let previous = first else {
                first = name
                continue
            }
            if seen.isEmpty { seen.insert(ByteName(previous)) }
            if !seen.insert(ByteName(name)).inserted { return true }
        }
        return false
    }
}
