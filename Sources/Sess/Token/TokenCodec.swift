import Modeler

/// Turns tokens into the texts that clients hold, and such texts into tokens.
struct TokenCodec: Sendable {
    /// The keys that sign texts; `nil` for none.
    private let keys: SigningKeys?
    /// The name of the cookie, which signatures cover.
    private let cookieName: String
    /// Whether ids are the app's.
    private let allowsAnyID: Bool

    /// The numbers of bytes that a text may have.
    let lengths: ClosedRange<Int>

    init(_ options: SessionOptions) {
        keys = options.tokens.signingKeys
        cookieName = options.cookie.name
        allowsAnyID = options.makeID != nil
        let shortest = allowsAnyID ? SessionToken.minimumLength : SessionToken.length
        lengths = shortest...(SessionToken.maximumLength + SessionToken.pairLength + SigningKeys.signatureLength)
    }

    /// A token, or two of one record of which one holds, as a client has sent them.
    struct Parsed: Sendable {
        var token: SessionToken
        /// The older one of two.
        var other: SessionToken?
        /// Whether the text is signed with a key that this server doesn't have.
        var isForeign = false
    }

    /// The result of reading a text.
    enum Reading: Sendable {
        case token(Parsed)
        /// It is no token.
        case none
        /// It is signed falsely, or not at all where it should be.
        case forged
    }

    /// Reads a text.
    func read(_ text: ArraySlice<UInt8>) -> Reading {
        guard let keys else {
            if let parsed = parse(text) { return .token(parsed) }
            guard let payload = SigningKeys.payload(of: text), var parsed = parse(payload) else { return .none }
            parsed.isForeign = true
            return .token(parsed)
        }
        switch keys.verify(text, for: cookieName) {
        case .verified(let payload): return parse(payload).map(Reading.token) ?? .none
        case .unknownKey(let payload):
            guard var parsed = parse(payload) else { return .forged }
            parsed.isForeign = true
            return .token(parsed)
        case .forged: return .forged
        }
    }

    private func parse(_ text: ArraySlice<UInt8>) -> Parsed? {
        if let token = SessionToken(text, allowsAnyID: allowsAnyID) { return Parsed(token: token) }
        return SessionToken.pair(text, allowsAnyID: allowsAnyID).map { Parsed(token: $0.second, other: $0.first) }
    }

    /// The text that a client is to hold; `nil` where it has no token.
    func text(of client: ClientToken) -> String? {
        guard let token = client.token else { return nil }
        let text = client.tokenInDoubt.map { token.text(or: $0) } ?? token.text
        return keys?.signed(text, for: cookieName) ?? text
    }
}

extension SessionManager {
    /// The text that a client is to hold; `nil` where it has no token.
    func text(of client: ClientToken) -> String? { tokens.text(of: client) }
}
