/// Where one server is reached.
struct RedisEndpoint: Sendable, Hashable {
    var address: RedisConfiguration.Address
    /// The host name by which a topology announces the server, where that is another than the address's.
    var announcedName: String?

    init(_ address: RedisConfiguration.Address, announcedName: String? = nil) {
        self.address = address
        self.announcedName = announcedName
    }

    /// The name or IP address that the server's certificate must have.
    var certificateName: String? {
        if let announcedName { return announcedName }
        if case .host(let host, _) = address { return host }
        return nil
    }
}
