/// What names a model in its collection: 1 to 128 of `A-Z a-z 0-9 . _ -`, and not `_idx`.
///
/// The grammar keeps ids apart from everything else a store may hold under the same prefix: none can hold a
/// separator, a glob, a control character or a cluster hash tag. Whoever has a `ModelID` needs no further check.
public struct ModelID: Sendable, Hashable, Comparable, CustomStringConvertible, ExpressibleByIntegerLiteral {
    /// The id's text.
    public let rawValue: String

    /// Checks a text against the grammar.
    ///
    /// - Throws: ``ModelError/Code/invalidID``; the text itself is not repeated in the error.
    public init(_ text: String) throws(ModelError) {
        guard Self.isValid(text) else {
            throw ModelError(
                .invalidID,
                "an id is 1 to \(Self.maximumLength) of the characters A-Z, a-z, 0-9, '.', '_' and '-', and not '_idx'"
            )
        }
        self.rawValue = text
    }

    /// An integer as an id.
    public init(_ integer: Int) {
        self.rawValue = String(integer)
    }

    /// An integer literal as an id.
    public init(integerLiteral integer: Int) {
        self.init(integer)
    }

    /// 16 random letters and digits from the system's secure generator (95 bits).
    public static func random() -> ModelID {
        var generator = SystemRandomNumberGenerator()
        var text = ""
        text.reserveCapacity(16)
        for _ in 0..<16 {
            text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
        }
        return ModelID(unchecked: text)
    }

    /// Takes a text that the caller has made to fit the grammar.
    package init(unchecked text: String) {
        assert(Self.isValid(text))
        self.rawValue = text
    }

    /// The most bytes of an id.
    public static let maximumLength = 128

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".unicodeScalars)

    private static func isValid(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...maximumLength).contains(bytes.count), text != "_idx" else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    public var description: String { rawValue }

    public static func < (lhs: ModelID, rhs: ModelID) -> Bool { lhs.rawValue < rhs.rawValue }
}
