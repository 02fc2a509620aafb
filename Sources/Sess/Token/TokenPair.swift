import Modeler

extension SessionToken {
    private static let pairMark = UInt8(ascii: "~")

    /// The bytes that a second secret adds to a token's text.
    static let pairLength = 1 + secretLength

    /// The text of this token and another one of its record: `v1.<id>.<secret>~<other secret>`.
    func text(or other: SessionToken) -> String { text + "~" + other.text.suffix(Self.secretLength) }

    /// Reads the text of two tokens of one record.
    static func pair(_ text: ArraySlice<UInt8>, allowsAnyID: Bool) -> (first: SessionToken, second: SessionToken)? {
        guard text.count > pairLength else { return nil }
        let markIndex = text.endIndex - pairLength
        guard text[markIndex] == pairMark, let first = SessionToken(text[..<markIndex], allowsAnyID: allowsAnyID) else {
            return nil
        }
        let other = text[..<markIndex].dropLast(secretLength) + text[(markIndex + 1)...]
        return SessionToken(other, allowsAnyID: allowsAnyID).map { (first, $0) }
    }
}
