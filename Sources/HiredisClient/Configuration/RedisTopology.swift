/// Which servers there are, and how they are found.
public enum RedisTopology: Sendable, Hashable {
    /// One server. Its name is resolved anew for each connection, so it may come to mean another server.
    case server(RedisConfiguration.Address)
    /// The master that Sentinels name, whichever server that is by now.
    case sentinel(RedisSentinels)
    /// The masters of a Redis Cluster, each for the keys that it has. Some of the nodes, best several on different
    /// machines; all others are learnt from them. Names are resolved anew for each connection.
    case cluster(seeds: [RedisConfiguration.Address])
}

/// The Sentinels that watch a master, and how to ask them.
public struct RedisSentinels: Sendable, Hashable {
    /// Some of the Sentinels, best all. Others are learnt from them. Names are resolved anew for each connection.
    public var addresses: [RedisConfiguration.Address]

    /// What the Sentinels call the master.
    public var masterName: String

    /// The ACL user to sign in as with the Sentinels; they don't get the user of the master. `nil` is `default`.
    public var username: String?

    /// The password for the Sentinels; they don't get that of the master. `nil` sends no AUTH.
    public var password: String?

    /// How connections to the Sentinels are secured.
    public var tls: TLS

    /// How connections to Sentinels are secured.
    public enum TLS: Sendable, Hashable {
        /// As those to the master.
        case inherited
        /// In a way of their own.
        case own(RedisTLS)
        /// Not at all.
        case off
    }

    /// Makes settings for a master that these Sentinels watch.
    public init(
        addresses: [RedisConfiguration.Address], masterName: String, username: String? = nil, password: String? = nil,
        tls: TLS = .inherited
    ) {
        self.addresses = addresses
        self.masterName = masterName
        self.username = username
        self.password = password
        self.tls = tls
    }
}

extension RedisSentinels: CustomStringConvertible, CustomReflectable {
    /// The addresses and the master's name; never the password.
    public var description: String { addresses.map(\.description).joined(separator: ",") + "/" + masterName }

    /// Shows what ``description`` does, so that a dump has no password either.
    public var customMirror: Mirror { Mirror(self, children: ["sentinels": description]) }
}
