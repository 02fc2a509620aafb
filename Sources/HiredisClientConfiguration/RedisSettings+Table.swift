import ConfigurationKeys
import HiredisClient

extension RedisSettings {
    private static let defaults = RedisSettings(configuration: RedisConfiguration())
    private static let wait = ConfigurationForm.duration(.milliseconds(1)...(.seconds(86_400)))
    private static let count = ConfigurationForm<Int>.number(1...Int.max)
    private static let word = ConfigurationForm<String>.text().optional

    static let table = KeyTable<RedisSettings>(signIn + secured + places + replicated + waits + bounds)

    private typealias Row = KeyTable<RedisSettings>.Row

    private static let signIn: [Row] = [
        .init("redis.username", \.configuration.username, word, defaults: defaults, "the ACL user to sign in as"),
        .init(
            "redis.password", \.configuration.password, word, defaults: defaults, isSecret: true,
            "the password, where the URL has none"),
        .init(
            "redis.database", \.configuration.database, .number(0...Int.max), defaults: defaults,
            "the number of the logical database"),
        .init(
            "redis.clientName", \.configuration.clientName,
            ConfigurationForm<String>.text("visible ASCII characters").orNone,
            defaults: defaults,
            "what CLIENT LIST shows"),
        .init(
            "redis.connections", \.configuration.connections, .number(1...256), defaults: defaults,
            "how many connections are kept"),
        .init(
            "redis.allowsReplica", \.configuration.allowsReplica, .flag, defaults: defaults,
            "whether a replica is good enough"),
    ]

    private static let secured: [Row] = [
        .init(
            "redis.tls.enabled", \.tls.isEnabled, ConfigurationForm<Bool>.flag.optional, defaults: defaults,
            "whether connections are over TLS; without it the URL's scheme says so"),
        .init(
            "redis.tls.caFile", \.tls.caFile, ConfigurationForm<String>.path.optional, defaults: defaults,
            "certificates to trust in place of the system's, in PEM"),
        .init(
            "redis.tls.certFile", \.tls.certificateFile, ConfigurationForm<String>.path.optional, defaults: defaults,
            "the client's certificate"),
        .init(
            "redis.tls.keyFile", \.tls.keyFile, ConfigurationForm<String>.path.optional, defaults: defaults,
            "the certificate's private key"),
        .init(
            "redis.tls.serverName", \.tls.serverName, word, defaults: defaults,
            "the name that the server's certificate must have, in place of the host"),
        .init(
            "redis.tls.verification", \.tls.verification,
            .choice([
                "full": .full, "certificateOnly": .certificateOnly,
                "insecureAcceptAnyCertificate": .insecureAcceptAnyCertificate,
            ]), defaults: defaults, "what is asked of the server's certificate"),
        .init(
            "redis.tls.minimumVersion", \.tls.minimumVersion, .choice(["1.2": .tls12, "1.3": .tls13]),
            defaults: defaults, "the oldest version of TLS that is spoken"),
    ]

    private static let places: [Row] = [
        .init(
            "redis.sentinel.nodes", \.sentinel.nodes,
            RedisAddressForm.sentinel.list("addresses of Sentinels, as in s1:26379,s2:26379"), defaults: defaults,
            "the Sentinels, in place of a URL"),
        .init("redis.sentinel.master", \.sentinel.master, word, defaults: defaults, "what they call the master"),
        .init(
            "redis.sentinel.username", \.sentinel.username, word, defaults: defaults, "the ACL user at the Sentinels"),
        .init(
            "redis.sentinel.password", \.sentinel.password, word, defaults: defaults, isSecret: true,
            "the password for the Sentinels"),
        .init(
            "redis.sentinel.tls", \.sentinel.tls, .choice(["inherited": .inherited, "off": .off]), defaults: defaults,
            "whether the Sentinels are reached as the master is"),
        .init(
            "redis.cluster.nodes", \.clusterNodes,
            RedisAddressForm.server.list("addresses of nodes, as in n1:6379,n2:6379"), defaults: defaults,
            "some nodes of a Redis Cluster, in place of a URL"),
        .init(
            "redis.addressMap", \.addressMap,
            RedisAddressForm.pair.list("pairs of addresses, as in 10.0.0.5:6379=redis-1:7001"), defaults: defaults,
            "where servers that announce themselves by an address are reached from here"),
    ]

    private static let replicated: [Row] = [
        .init(
            "redis.durability", \.durability, .choice(["acknowledged": .acknowledged, "replicated": .replicated]),
            defaults: defaults, "when a write that ends somebody's access counts as done"),
        .init(
            "redis.replication.minimum", \.minimumReplicas, .number(1...1000), defaults: defaults,
            "how many replicas confirm such a write, with `replicated`"),
        .init(
            "redis.replication.within", \.replicationLimit, .duration(.milliseconds(1)...(.seconds(60))),
            defaults: defaults, "how long they are waited for"),
    ]

    private static let waits: [Row] = [
        .init(
            "redis.connectTimeout", \.configuration.connectTimeout, wait, defaults: defaults,
            "a connection attempt, TLS and sign-in included"),
        .init(
            "redis.commandTimeout", \.configuration.commandTimeout, wait, defaults: defaults,
            "a command, its wait for a connection included"),
        .init(
            "redis.disconnectedWait", \.configuration.disconnectedWait, wait, defaults: defaults,
            "how long a command waits while there is no connection"),
        .init(
            "redis.quietInterval", \.configuration.quietInterval, wait, defaults: defaults,
            "after how much silence a connection is tried before it is trusted"),
        .init(
            "redis.probeTimeout", \.configuration.probeTimeout, wait, defaults: defaults,
            "how long that may stay unanswered"),
        .init(
            "redis.overdueInterval", \.configuration.overdueInterval, wait, defaults: defaults,
            "when a reply counts as overdue"),
        .init(
            "redis.stallTimeout", \.configuration.stallTimeout, wait, defaults: defaults,
            "when a connection without replies is given up"),
        .init(
            "redis.roleCheckInterval", \.configuration.roleCheckInterval, wait, defaults: defaults,
            "how old the knowledge may be that the server is a master"),
        .init(
            "redis.shutdownTimeout", \.configuration.shutdownTimeout, .duration(.zero...(.seconds(86_400))),
            defaults: defaults, "how long a shutdown waits for replies"),
    ]

    private static let bounds: [Row] = [
        .init(
            "redis.maximumInFlight", \.configuration.maximumInFlight, count, defaults: defaults,
            "commands without a reply, for each connection"),
        .init(
            "redis.maximumInFlightBytes", \.configuration.maximumInFlightBytes, count, defaults: defaults,
            "bytes of these"),
        .init(
            "redis.maximumWaiting", \.configuration.maximumWaiting, count, defaults: defaults,
            "commands that wait to be sent, for each connection"),
        .init(
            "redis.maximumWaitingBytes", \.configuration.maximumWaitingBytes, count, defaults: defaults,
            "bytes of these"),
        .init(
            "redis.maximumReplyStringBytes", \.configuration.maximumReplyStringBytes, count, defaults: defaults,
            "the longest string that the server may send, in bytes"),
    ]
}
