public import HTTPTypes

/// How a client carries its token.
public enum SessionTransport: Sendable, Hashable {
    /// In the cookie of ``SessionOptions/cookie``. The default, and the one for browsers.
    case cookie

    /// As a bearer token: `Authorization: Bearer <token>` (RFC 6750 §2.1). The app gives the token to the client, in a
    /// body of its own making, from ``Session/revealToken()``.
    case bearer

    /// In a header field of its own, in requests, and in responses that give the client a token. An empty value in a
    /// response tells the client to forget the one it has.
    case header(HTTPField.Name)

    /// Runs a function on the texts that may be tokens in a request, in the order sent.
    ///
    /// - Parameter lengths: The numbers of bytes that a token's text may have; others are passed over.
    func forEachCandidate(
        in fields: HTTPFields, cookies: CookieParser, lengths: ClosedRange<Int>, _ body: (ArraySlice<UInt8>) -> Void
    ) {
        switch self {
        case .cookie: cookies.forEachValue(in: fields, lengths: lengths, body)
        case .bearer:
            for text in fields[values: .authorization].compactMap(Self.bearerToken) where lengths.contains(text.count) {
                body(text)
            }
        case .header(let name):
            for text in fields[values: name] where lengths.contains(text.utf8.count) { body(Array(text.utf8)[...]) }
        }
    }

    /// The credentials of the scheme, whose name is case-insensitive (RFC 9110 §11.1).
    private static func bearerToken(_ field: String) -> ArraySlice<UInt8>? {
        let scheme = "bearer ".utf8
        let bytes = field.utf8
        guard bytes.count > scheme.count,
            zip(bytes, scheme).allSatisfy({ $0 == $1 || (0x41...0x5A).contains($0) && $0 | 0x20 == $1 })
        else { return nil }
        return Array(bytes.dropFirst(scheme.count))[...]
    }
}
