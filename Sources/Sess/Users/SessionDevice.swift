/// What an app records of the browser or program that signed in, for a page that lists a user's sessions.
///
/// Both texts come from the client: escape them where they are shown, and decide nothing by them. Longer ones are cut
/// between two characters' scalars, so that no client decides how large a session gets.
public struct SessionDevice: Sendable, Hashable, Codable {
    /// The most UTF-8 bytes of an address: an IPv6 address with a zone has fewer.
    public static let maximumAddressLength = 64

    /// The most UTF-8 bytes of a user agent.
    public static let maximumUserAgentLength = 256

    /// The client's address, as the app sees it; at most ``maximumAddressLength`` bytes of it.
    public var address: String? {
        didSet { address = address?.prefix(utf8Length: Self.maximumAddressLength) }
    }

    /// What the client says it is; at most ``maximumUserAgentLength`` bytes of it.
    public var userAgent: String? {
        didSet { userAgent = userAgent?.prefix(utf8Length: Self.maximumUserAgentLength) }
    }

    /// Records what is given.
    public init(address: String? = nil, userAgent: String? = nil) {
        self.address = address?.prefix(utf8Length: Self.maximumAddressLength)
        self.userAgent = userAgent?.prefix(utf8Length: Self.maximumUserAgentLength)
    }

    private enum CodingKeys: String, CodingKey {
        case address, userAgent
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            address: try container.decodeIfPresent(String.self, forKey: .address),
            userAgent: try container.decodeIfPresent(String.self, forKey: .userAgent)
        )
    }
}

extension String {
    /// The text's beginning of at most so many UTF-8 bytes, cut between two scalars.
    fileprivate func prefix(utf8Length: Int) -> String {
        guard utf8.count > utf8Length else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: utf8Length)
        while utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
