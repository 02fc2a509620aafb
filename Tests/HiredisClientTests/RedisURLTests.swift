import HiredisClient
import Testing

@Suite struct RedisURLTests {
    private func read(_ url: String) throws -> RedisConfiguration { try RedisConfiguration(url: url) }

    @Test("URLs that are right")
    func right() throws {
        #expect(try read("redis://localhost").topology == .server(.host("localhost", port: 6379)))
        #expect(try read("REDIS://h:1/").topology == .server(.host("h", port: 1)))
        #expect(try read("redis://[::1]:7000/2").topology == .server(.host("::1", port: 7000)))
        #expect(try read("redis://[::1]:7000/2").database == 2)
        #expect(try read("redis://h?db=4&client_name=web-1").database == 4)
        #expect(try read("redis://h?db=4&client_name=web-1").clientName == "web-1")
        #expect(try read("unix:///run/redis%20a.sock?db=5").topology == .server(.unixSocket(path: "/run/redis a.sock")))
        #expect(try read("redis+unix:///run/r.sock").topology == .server(.unixSocket(path: "/run/r.sock")))
        let signedIn = try read("redis://us%3Aer:p%40ss%2Fw%25@h:6380/1")
        #expect(signedIn.username == "us:er")
        #expect(signedIn.password == "p@ss/w%")
        #expect(try read("redis://:pw@h").username == nil)
        #expect(try read("valkey://h:1/2").topology == .server(.host("h", port: 1)))
        #expect(try read("redis://h/0/").database == 0)
        #expect(try read("redis://h/3/?db=3").database == 3)
        #expect(try read("redis://[fe80::1%25eth0]:6379").topology == .server(.host("fe80::1%eth0", port: 6379)))
        #expect(try read("redis://[fe80::1%lo]").topology == .server(.host("fe80::1%lo", port: 6379)))
        #expect(try read("redis://h?client_name=").clientName == nil)
        #expect(try read("unix://u:pw@/run/r.sock").password == "pw")
    }

    @Test(
        "A wrong URL says so, and shows no password",
        arguments: [
            "localhost", "http://:hunter2@h", "redis://", "redis://:hunter2@",
            "redis://:hunter2@h:0",
            "redis://:hunter2@h:65536", "redis://:hunter2@h:x", "redis://:hunter2@h/x", "redis://:hunter2@::1",
            "redis://:hunter2@[::1", "redis://:hunter2@[::1]x", "redis://:hunter2%4@h", "redis://:hunter2%ff@h",
            "redis://:hunter2@h?x=1", "redis://:hunter2@h#f", "redis://hunter2@h", "unix://:hunter2@run/r.sock",
            "unix://",
            "redis://u:hunter2@h?client_name=a%20b", "redis://u:hunter2@h?tls_ca_file=/a",
            "rediss://u:hunter2@h?tls_cert_file=/a",
            "redis+sentinel://u:hunter2@a,b", "redis+sentinel://u:hunter2@/m", "redis+sentinel://u:hunter2@a,,b/m",
            "redis+sentinel://u:hunter2@a/m/1/2", "redis+sentinel://u:hunter2@a/m/x",
            "redis://u:hunter2@h?sentinel_password=x",
            "redis+sentinel://a/m?sentinel_username=u&sentinel_password=%hunter2",
        ]
    )
    func wrong(url: String) throws {
        let error = #expect(throws: RedisConfigurationError.self) { try RedisConfiguration(url: url) }
        #expect(error?.description.contains("hunter2") == false)
        #expect((error?.message.count ?? 0) > 20)
    }

    @Test(
        "F8 A password's own / and ? must be escaped, and the error says so",
        arguments: [
            "redis+sentinel://:hun/ter2@a,b/m", "redis://:hun/ter2@h", "redis://:hun?ter2@h",
            "redis://default:12/hunter2@h", "valkey://u:a/b@h",
        ])
    func unescaped(url: String) {
        let error = #expect(throws: RedisConfigurationError.self) { try RedisConfiguration(url: url) }
        #expect(error?.message.contains("%2F") == true)
        #expect(error?.description.contains("ter2") == false)
    }

    @Test("F8 Two databases, a line's end behind the host and a zone without a name are refused")
    func doubtful() {
        for url in ["redis://h/2?db=3", "redis://h?db=1&db=2", "redis://h\n", "redis://h h", "redis://[::1%]"] {
            #expect(throws: RedisConfigurationError.self, "\(url)") { try RedisConfiguration(url: url) }
        }
    }

    @Test("TLS and its settings by URL")
    func tls() throws {
        #expect(try read("redis://h").tls == nil)
        #expect(try read("rediss://h").tls == RedisTLS() && read("valkeys://h:1/2").tls == RedisTLS())
        let tls = try read("rediss://h?tls_server_name=a&tls_ca_file=/b%20c&tls_cert_file=/d&tls_key_file=/e").tls
        #expect(
            tls
                == RedisTLS(
                    trust: .file("/b c"), serverName: "a",
                    clientCertificate: .init(certificateFile: "/d", keyFile: "/e")))
        #expect("\(try read("rediss://h"))" == "rediss://h:6379/0")
    }

    @Test("Sentinels, their master and their own password by URL")
    func sentinels() throws {
        let configuration = try read(
            "redis+sentinel://me:hunter2@a,b:1,[::1]:2/my%20master/3?sentinel_username=s&sentinel_password=hunter3")
        let sentinels = RedisSentinels(
            addresses: [.host("a", port: 26379), .host("b", port: 1), .host("::1", port: 2)], masterName: "my master",
            username: "s", password: "hunter3")
        #expect(configuration.topology == .sentinel(sentinels))
        #expect(configuration.username == "me" && configuration.password == "hunter2" && configuration.database == 3)
        #expect(configuration.tls == nil)
        #expect(try read("rediss+sentinel://a/m").tls == RedisTLS())
        var text = "\(configuration)"
        dump(configuration, to: &text)
        #expect(text.contains("a:26379,b:1,[::1]:2/my master") && !text.contains("hunter"))
    }

    @Test("D7 The nodes of a Redis Cluster")
    func cluster() throws {
        let plain = try RedisConfiguration(url: "redis+cluster://me:hunter2@h1,h2:7000,[::1]:7001/0")
        let seeds: [RedisConfiguration.Address] = [
            .host("h1", port: 6379), .host("h2", port: 7000), .host("::1", port: 7001),
        ]
        #expect(plain.topology == .cluster(seeds: seeds))
        #expect(plain.tls == nil && plain.username == "me" && plain.password == "hunter2")
        #expect("\(plain)" == "redis+cluster://me@h1:6379,h2:7000,[::1]:7001")
        let secured = try RedisConfiguration(url: "valkeys+cluster://h?tls_server_name=redis.example")
        #expect(secured.topology == .cluster(seeds: [.host("h", port: 6379)]))
        #expect(secured.tls?.serverName == "redis.example" && "\(secured)" == "rediss+cluster://h:6379")
        for url in [
            "redis+cluster://h/1", "redis+cluster://h?db=2", "redis+cluster://", "redis+cluster://h1,,h2",
            "redis+cluster://h1:x",
        ] {
            #expect(throws: RedisConfigurationError.self, "\(url)") { try RedisConfiguration(url: url) }
        }
        var readingReplicas = plain
        readingReplicas.allowsReplica = true
        #expect(throws: RedisConfigurationError.self) { try RedisClient(configuration: readingReplicas) }
        #expect(throws: RedisConfigurationError.self) {
            try RedisClient(configuration: RedisConfiguration(topology: .cluster(seeds: [])))
        }
    }

    @Test("Neither description nor dump shows a password")
    func secret() throws {
        let configuration = try RedisConfiguration(url: "redis://me:hunter2@h/1")
        var text = "\(configuration) \(String(reflecting: configuration))"
        dump(configuration, to: &text)
        #expect(!text.contains("hunter2"))
        #expect(text.contains("redis://me@h:6379/1"))
    }
}
