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

    /// Reads a ``keyText``; `nil` where the text is none.
    public init?(keyText: some StringProtocol) {
        let digits = keyText.utf8.map { Self.digits.firstIndex(of: $0) }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for position in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[position], let low = digits[position + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        guard let text = String(validating: bytes, as: UTF8.self), let owner = try? OwnerID(text) else { return nil }
        self = owner
    }

    public static func == (lhs: OwnerID, rhs: OwnerID) -> Bool {
        lhs.rawValue.hasSameBytes(as: rhs.rawValue)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ByteName(rawValue))
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
