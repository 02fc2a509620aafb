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

    /// The texts that may be tokens in a request, at most two.
    func candidates(in fields: HTTPFields, cookies: CookieParser) -> [ArraySlice<UInt8>] {
        switch self {
        case .cookie:
            return cookies.values(in: fields)
        case .bearer:
            return fields[values: .authorization].prefix(CookieParser.maximumCandidates).compactMap(Self.bearerToken)
        case .header(let name):
            return fields[values: name].prefix(CookieParser.maximumCandidates).map { Self.bytes($0) }
        }
    }

    /// The credentials of the scheme, whose name is case-insensitive (RFC 9110 §11.1).
    private static func bearerToken(_ field: String) -> ArraySlice<UInt8>? {
        let bytes = bytes(field)
        let scheme = "bearer ".utf8
        guard bytes.count > scheme.count,
            zip(bytes, scheme).allSatisfy({ $0 == $1 || (0x41...0x5A).contains($0) && $0 | 0x20 == $1 })
        else { return nil }
        return bytes.dropFirst(scheme.count)
    }

    /// A token is short: what follows makes it none, however much it is.
    private static func bytes(_ field: String) -> ArraySlice<UInt8> {
        Array(
            field.utf8.prefix(
                SessionToken.maximumLength + SessionToken.pairLength + SigningKeys.signatureLength + 16))[...]
    }
}
