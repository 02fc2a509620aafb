import HiredisClient

/// What the keys beside the URL say, before it is one configuration.
struct RedisSettings: Sendable {
    var configuration: RedisConfiguration
    var tls = TLS()
    var sentinel = Sentinel()
    var clusterNodes: [RedisConfiguration.Address] = []
    var addressMap: [AddressPair] = []
    var durability = Durability.acknowledged
    var minimumReplicas = 1
    var replicationLimit = Duration.milliseconds(100)

    enum Durability: Sendable, Equatable { case acknowledged, replicated }

    struct TLS: Sendable {
        var isEnabled: Bool?
        var caFile: String?
        var certificateFile: String?
        var keyFile: String?
        var serverName: String?
        var verification = RedisTLS.Verification.full
        var minimumVersion = RedisTLS.Version.tls12
    }

    struct Sentinel: Sendable {
        var nodes: [RedisConfiguration.Address] = []
        var master: String?
        var username: String?
        var password: String?
        var tls = RedisSentinels.TLS.inherited
    }

    /// Where a server that announces itself by one address is reached.
    struct AddressPair: Sendable, Hashable {
        var announced: RedisConfiguration.Address
        var reached: RedisConfiguration.Address
    }
}
