extension OperationID {
    /// The number of characters of ``text``.
    public static let textLength = 6

    /// The id as six characters of the base64url alphabet, six bits each, the lowest first.
    public var text: [UInt8] {
        (0..<Self.textLength).map { Self.alphabet[Int(rawValue >> (6 * UInt64($0))) & 63] }
    }

    /// Reads ``text``; `nil` for a text of another length or with other characters.
    public init?(text: some Collection<UInt8>) {
        guard text.count == Self.textLength else { return nil }
        var number: UInt64 = 0
        for (position, character) in text.enumerated() {
            guard let digit = Self.alphabet.firstIndex(of: character) else { return nil }
            number |= UInt64(digit) << (6 * UInt64(position))
        }
        self.init(rawValue: number)
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
