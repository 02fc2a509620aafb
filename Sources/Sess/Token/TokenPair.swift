import Modeler

extension SessionState {
    /// The token in doubt that the client is to get beside its own; `nil` where there is none. Whichever holds is found by
    /// its next request, and it gets that one alone.
    var doubtfulTokenForClient: SessionToken? { isTokenSuperseded ? nil : doubtfulToken }

    /// Takes over the token in doubt where a record that was read now says that it holds.
    mutating func settleDoubt(by current: Model) {
        guard let doubtful = doubtfulToken, let field = current.fields[TokenRecord.fieldName],
            let record = TokenRecord(field.value),
            record.standing(of: doubtful.digest(in: scope), now: current.updated) == .current
        else { return }
        token = doubtful
        doubtfulToken = nil
        isTokenSuperseded = false
        cookie = .issue
    }
}

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
