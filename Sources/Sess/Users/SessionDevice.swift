/// What an app records of the browser or program that signed in, for a page that lists a user's sessions.
///
/// Both texts come from the client: escape them where they are shown, and decide nothing by them.
public struct SessionDevice: Sendable, Hashable, Codable {
    /// The client's address, as the app sees it.
    public var address: String?

    /// What the client says it is.
    public var userAgent: String?

    /// Records what is given; of the address at most 64 characters, of the user agent at most 256.
    public init(address: String? = nil, userAgent: String? = nil) {
        self.address = address.map { String($0.prefix(64)) }
        self.userAgent = userAgent.map { String($0.prefix(256)) }
    }
}
