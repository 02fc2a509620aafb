import ConfigurationKeys
import HiredisClient

/// Makes one configuration of the URL and the other keys, and refuses what contradicts itself.
struct RedisSettingsResolver {
    let base: RedisConfiguration
    let hasURL: Bool
    let settings: RedisSettings
    let given: Set<String>

    func configuration() throws(ConfigurationError) -> RedisConfiguration {
        var configuration = settings.configuration
        try refuseRepetitions()
        configuration.topology = try topology()
        configuration.tls = try tls()
        configuration.durability = try durability()
        if !settings.addressMap.isEmpty {
            let pairs = Dictionary(
                settings.addressMap.map { ($0.announced, $0.reached) }, uniquingKeysWith: { first, _ in first })
            guard pairs.count == settings.addressMap.count else {
                throw ConfigurationError(key: "redis.addressMap", "an address is announced twice; name each once")
            }
            configuration.mapAddress = { .init(address: pairs[$0] ?? $0) }
        }
        return configuration
    }

    /// A setting that the URL has already, and that isn't the default there.
    private func refuseRepetitions() throws(ConfigurationError) {
        let isInURL = [
            "redis.username": base.username != nil,
            "redis.password": base.password != nil,
            "redis.database": base.database != 0,
            "redis.clientName": base.clientName != RedisConfiguration().clientName,
            "redis.tls.caFile": base.tls.map { $0.trust != .system } == true,
            "redis.tls.certFile": base.tls?.clientCertificate != nil,
            "redis.tls.keyFile": base.tls?.clientCertificate != nil,
            "redis.tls.serverName": base.tls?.serverName != nil,
        ]
        for (key, isRepeated) in isInURL.sorted(by: { $0.key < $1.key }) where isRepeated && given.contains(key) {
            throw ConfigurationError(key: key, "redis.url has it too; leave it out in one of the two")
        }
    }

    private func topology() throws(ConfigurationError) -> RedisTopology {
        let sentinelKeys = given.filter { $0.hasPrefix("redis.sentinel.") }
        for key in ["redis.sentinel.nodes", "redis.cluster.nodes"] where hasURL && given.contains(key) {
            throw ConfigurationError(key: key, "redis.url names servers too; name them in one of the two")
        }
        if !settings.clusterNodes.isEmpty {
            if let key = sentinelKeys.min() {
                throw ConfigurationError(key: key, "redis.cluster.nodes is given too; a cluster has no Sentinels")
            }
            return .cluster(seeds: settings.clusterNodes)
        }
        var sentinels: RedisSentinels
        if case .sentinel(let named) = base.topology {
            sentinels = named
            if given.contains("redis.sentinel.master") {
                throw ConfigurationError(key: "redis.sentinel.master", "redis.url has it too; leave it out here")
            }
        } else if !settings.sentinel.nodes.isEmpty {
            guard let master = settings.sentinel.master else {
                throw ConfigurationError(
                    key: "redis.sentinel.master", "it is missing; with redis.sentinel.nodes the master's name is needed"
                )
            }
            sentinels = RedisSentinels(addresses: settings.sentinel.nodes, masterName: master)
        } else {
            guard let key = sentinelKeys.min() else { return base.topology }
            throw ConfigurationError(
                key: key, "no Sentinels are named; redis.sentinel.nodes or a redis+sentinel:// URL does")
        }
        for (key, isInURL) in [
            ("redis.sentinel.username", sentinels.username != nil),
            ("redis.sentinel.password", sentinels.password != nil),
        ] where isInURL && given.contains(key) {
            throw ConfigurationError(key: key, "redis.url has it too; leave it out in one of the two")
        }
        sentinels.username = settings.sentinel.username ?? sentinels.username
        sentinels.password = settings.sentinel.password ?? sentinels.password
        if given.contains("redis.sentinel.tls") { sentinels.tls = settings.sentinel.tls }
        return .sentinel(sentinels)
    }

    private func tls() throws(ConfigurationError) -> RedisTLS? {
        let wanted = settings.tls
        if wanted.isEnabled == false, base.tls != nil {
            throw ConfigurationError(
                key: "redis.tls.enabled", "redis.url asks for TLS; write redis:// there, or true here")
        }
        guard wanted.isEnabled == true || base.tls != nil else {
            if let key = given.filter({ $0.hasPrefix("redis.tls.") && $0 != "redis.tls.enabled" }).min() {
                throw ConfigurationError(
                    key: key, "TLS is off; redis.tls.enabled as true or a rediss:// URL turns it on")
            }
            return nil
        }
        var tls = base.tls ?? RedisTLS()
        if let file = wanted.caFile { tls.trust = .file(file) }
        if let name = wanted.serverName { tls.serverName = name }
        switch (wanted.certificateFile, wanted.keyFile) {
        case (nil, nil): break
        case (let certificate?, let key?): tls.clientCertificate = .init(certificateFile: certificate, keyFile: key)
        case (nil, _):
            throw ConfigurationError(key: "redis.tls.certFile", "it is missing; it goes with redis.tls.keyFile")
        case (_, nil):
            throw ConfigurationError(key: "redis.tls.keyFile", "it is missing; it goes with redis.tls.certFile")
        }
        tls.verification = wanted.verification
        tls.minimumVersion = wanted.minimumVersion
        return tls
    }

    private func durability() throws(ConfigurationError) -> RedisDurability {
        guard settings.durability == .replicated else {
            if let key = given.filter({ $0.hasPrefix("redis.replication.") }).min() {
                throw ConfigurationError(key: key, "it needs redis.durability to be replicated")
            }
            return .acknowledged
        }
        return .replicated(minimum: settings.minimumReplicas, within: settings.replicationLimit)
    }
}
