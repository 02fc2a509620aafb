import HiredisClient

extension ConfigurationRow {
    static let redisValues: [ConfigurationRow] = [
        .redis([:], "redis://127.0.0.1:6379/0") { $0 },
        .redis(["REDIS_URL": "redis://db:7000/3"], "redis://db:7000/3") { $0 },
        .redis(["REDIS_URL": "redis://app:s3cret@db"], "app s3cret") { "\($0.username ?? "") \($0.password ?? "")" },
        .redis(["REDIS_URL": "rediss://db"], "true") { $0.tls == RedisTLS() },
        .redis(["REDIS_USERNAME": "app", "REDIS_PASSWORD": "s3cret,with"], "app s3cret,with") {
            "\($0.username ?? "") \($0.password ?? "")"
        },
        .redis(["REDIS_DATABASE": "5"], "5") { $0.database },
        .redis(["REDIS_CLIENT_NAME": "none"], "nil") { "\($0.clientName as Any)" },
        .redis(["REDIS_CLIENT_NAME": "web-1"], "web-1") { $0.clientName ?? "" },
        .redis(["REDIS_CONNECTIONS": "8"], "8") { $0.connections },
        .redis(["REDIS_ALLOWS_REPLICA": "true"], "true") { $0.allowsReplica },
        .redis(["REDIS_COMMAND_TIMEOUT": "1500ms"], "1.5 seconds") { $0.commandTimeout },
        .redis(["REDIS_CONNECT_TIMEOUT": "3s"], "3.0 seconds") { $0.connectTimeout },
        .redis(["REDIS_SHUTDOWN_TIMEOUT": "0s"], "0.0 seconds") { $0.shutdownTimeout },
        .redis(["REDIS_MAXIMUM_IN_FLIGHT": "16"], "16") { $0.maximumInFlight },
        .redis(["REDIS_TLS_ENABLED": "true", "REDIS_TLS_CA_FILE": "/etc/ca.pem"], "true") {
            $0.tls == RedisTLS(trust: .file("/etc/ca.pem"))
        },
        .redis(
            ["REDIS_URL": "rediss://db", "REDIS_TLS_CERT_FILE": "/c", "REDIS_TLS_KEY_FILE": "/k"], "true"
        ) { $0.tls?.clientCertificate == .init(certificateFile: "/c", keyFile: "/k") },
        .redis(
            [
                "REDIS_TLS_ENABLED": "true", "REDIS_TLS_VERIFICATION": "certificateOnly",
                "REDIS_TLS_MINIMUM_VERSION": "1.3",
            ],
            "true"
        ) { $0.tls == RedisTLS(verification: .certificateOnly, minimumVersion: .tls13) },
        .redis(
            ["REDIS_SENTINEL_NODES": "s1,s2:26380,[::1]:7", "REDIS_SENTINEL_MASTER": "main"],
            "redis+sentinel://s1:26379,s2:26380,[::1]:7/main/0"
        ) { $0 },
        .redis(
            [
                "REDIS_URL": "redis+sentinel://s1/main", "REDIS_SENTINEL_USERNAME": "watch",
                "REDIS_SENTINEL_PASSWORD": "s3cret",
            ], "watch s3cret"
        ) { configuration in
            guard case .sentinel(let sentinels) = configuration.topology else { return "none" }
            return "\(sentinels.username ?? "") \(sentinels.password ?? "")"
        },
        .redis(["REDIS_CLUSTER_NODES": "n1,n2:7001"], "redis+cluster://n1:6379,n2:7001") { $0 },
        .redis(["REDIS_ADDRESS_MAP": "10.0.0.5:6379=db:7001"], "db:7001 10.0.0.6:6379") { configuration in
            ["10.0.0.5", "10.0.0.6"].map {
                configuration.mapAddress?(.host($0, port: 6379)).address.description ?? "none"
            }.joined(separator: " ")
        },
        .redis(["REDIS_DURABILITY": "replicated", "REDIS_REPLICATION_MINIMUM": "2"], "true") {
            $0.durability == .replicated(minimum: 2)
        },
    ]

    static let redisErrors: [ConfigurationRow] = [
        .fails(["REDIS_URL": "http://s3cret"], "redis.url", unsupported),
        .fails(
            ["REDIS_URL": ""], "redis.url",
            "the value is empty; right is a URL such as redis://host:6379/0, rediss://…, redis+sentinel://…, unix:///…, "
                + "or no value at all"
        ),
        .fails(
            ["REDIS_PASSWORD": "s3cret\n"], "redis.password",
            "the value begins or ends with a blank or a line's end; right is a text"),
        .malformed(["REDIS_CONNECTIONS": "many"], "redis.connections", "a whole number from 1 to 256"),
        .malformed(["REDIS_CONNECTIONS": "0"], "redis.connections", "a whole number from 1 to 256"),
        .malformed(["REDIS_CONNECTIONS": "+4"], "redis.connections", "a whole number from 1 to 256"),
        .malformed(["REDIS_DATABASE": "-1"], "redis.database", "a whole number of 0 or more"),
        .malformed(["REDIS_ALLOWS_REPLICA": "yes"], "redis.allowsReplica", "true or false"),
        .malformed(["REDIS_TLS_ENABLED": "TRUE"], "redis.tls.enabled", "true or false"),
        .malformed(
            ["REDIS_COMMAND_TIMEOUT": "2"], "redis.commandTimeout",
            "a duration with its unit (ms, s, m, h, d), 1ms to 1d"),
        .malformed(
            ["REDIS_COMMAND_TIMEOUT": "2d"], "redis.commandTimeout",
            "a duration with its unit (ms, s, m, h, d), 1ms to 1d"),
        .malformed(
            ["REDIS_COMMAND_TIMEOUT": "99999999999999999d"], "redis.commandTimeout",
            "a duration with its unit (ms, s, m, h, d), 1ms to 1d"),
        .malformed(
            ["REDIS_TLS_VERIFICATION": "off"], "redis.tls.verification",
            "full, certificateOnly or insecureAcceptAnyCertificate"),
        .malformed(
            ["REDIS_SENTINEL_NODES": "s1,,s2"], "redis.sentinel.nodes",
            "addresses of Sentinels, as in s1:26379,s2:26379"),
        .malformed(
            ["REDIS_CLUSTER_NODES": "n1:70000"], "redis.cluster.nodes", "addresses of nodes, as in n1:6379,n2:6379"),
        .malformed(
            ["REDIS_ADDRESS_MAP": "a=b=c"], "redis.addressMap", "pairs of addresses, as in 10.0.0.5:6379=redis-1:7001"),
        .fails(
            ["REDIS_TLS_CA_FILE": "/ca"], "redis.tls.caFile",
            "TLS is off; redis.tls.enabled as true or a rediss:// URL turns it on"),
        .fails(
            ["REDIS_URL": "rediss://db", "REDIS_TLS_ENABLED": "false"], "redis.tls.enabled",
            "redis.url asks for TLS; write redis:// there, or true here"),
        .fails(
            ["REDIS_TLS_ENABLED": "true", "REDIS_TLS_CERT_FILE": "/c"], "redis.tls.keyFile",
            "it is missing; it goes with redis.tls.certFile"),
        .fails(
            ["REDIS_URL": "redis://db", "REDIS_SENTINEL_NODES": "s1", "REDIS_SENTINEL_MASTER": "m"],
            "redis.sentinel.nodes", "redis.url names servers too; name them in one of the two"),
        .fails(
            ["REDIS_URL": "redis://:s3cret@db", "REDIS_PASSWORD": "s3cret"], "redis.password",
            "redis.url has it too; leave it out in one of the two"),
        .fails(
            ["REDIS_SENTINEL_NODES": "s1"], "redis.sentinel.master",
            "it is missing; with redis.sentinel.nodes the master's name is needed"),
        .fails(
            ["REDIS_SENTINEL_PASSWORD": "s3cret"], "redis.sentinel.password",
            "no Sentinels are named; redis.sentinel.nodes or a redis+sentinel:// URL does"),
        .fails(
            ["REDIS_REPLICATION_MINIMUM": "2"], "redis.replication.minimum",
            "it needs redis.durability to be replicated"),
        .fails(["REDIS_USERNAME": "app"], "redis", "a user name needs a password"),
        .fails(
            ["REDIS_CLUSTER_NODES": "n1", "REDIS_DATABASE": "2"], "redis",
            "a Redis Cluster has no other database than 0"),
    ]

    private static let unsupported =
        "the scheme is none of redis://, redis+sentinel://, redis+cluster://, the same with rediss (TLS), and unix://"
}
