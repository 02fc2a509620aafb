/// What names an owner of models: any text of 1 to 256 bytes, compared by its bytes.
///
/// The text comes from elsewhere (a database's key, an e-mail address, a provider's subject) and may hold anything.
/// Stores use ``keyText`` where they build keys, never the text itself.
public struct OwnerID: Sendable, Hashable {
    /// The owner's text.
    public let rawValue: String

    /// The most bytes of an owner's text.
    public static let maximumLength = 256

    /// Takes a text.
    ///
    /// - Throws: ``ModelError/Code/invalidID`` for an empty text or one that is too long; it is not repeated in the
    ///   error.
    public init(_ text: String) throws(ModelError) {
        guard (1...Self.maximumLength).contains(text.utf8.count) else {
            throw ModelError(.invalidID, "an owner's id is a text of 1 to \(Self.maximumLength) bytes")
        }
        self.rawValue = text
    }

    /// Takes a text that the caller knows to be of the right length.
    package init(unchecked text: String) {
        assert((1...Self.maximumLength).contains(text.utf8.count))
        self.rawValue = text
    }

    /// The text's bytes in hexadecimal: fit for any key, and one for each owner.
    public var keyText: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * rawValue.utf8.count)
        for byte in rawValue.utf8 {
            bytes.append(Self.digits[Int(byte >> 4)])
            bytes.append(Self.digits[Int(byte & 15)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    public static func == (lhs: OwnerID, rhs: OwnerID) -> Bool {
        lhs.rawValue.hasSameBytes(as: rhs.rawValue)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ByteName(rawValue))
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
