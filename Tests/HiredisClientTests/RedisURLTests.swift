import HiredisClient
import Testing

@Suite struct RedisURLTests {
    @Test("URLs that are right")
    func right() throws {
        func read(_ url: String) throws -> RedisConfiguration { try RedisConfiguration(url: url) }
        #expect(try read("redis://localhost").address == .host("localhost", port: 6379))
        #expect(try read("REDIS://h:1/").address == .host("h", port: 1))
        #expect(try read("redis://[::1]:7000/2").address == .host("::1", port: 7000))
        #expect(try read("redis://[::1]:7000/2").database == 2)
        #expect(try read("redis://h?db=4&client_name=web-1").database == 4)
        #expect(try read("redis://h?db=4&client_name=web-1").clientName == "web-1")
        #expect(try read("unix:///run/redis%20a.sock?db=5").address == .unixSocket(path: "/run/redis a.sock"))
        #expect(try read("redis+unix:///run/r.sock").address == .unixSocket(path: "/run/r.sock"))
        let signedIn = try read("redis://us%3Aer:p%40ss%2Fw%25@h:6380/1")
        #expect(signedIn.username == "us:er")
        #expect(signedIn.password == "p@ss/w%")
        #expect(try read("redis://:pw@h").username == nil)
        #expect(try read("unix://u:pw@/run/r.sock").password == "pw")
    }

    @Test(
        "A wrong URL says so, and shows no password",
        arguments: [
            "localhost", "http://:hunter2@h", "rediss://:hunter2@h", "redis://", "redis://:hunter2@",
            "redis://:hunter2@h:0",
            "redis://:hunter2@h:65536", "redis://:hunter2@h:x", "redis://:hunter2@h/x", "redis://:hunter2@::1",
            "redis://:hunter2@[::1", "redis://:hunter2@[::1]x", "redis://:hunter2%4@h", "redis://:hunter2%ff@h",
            "redis://:hunter2@h?x=1", "redis://:hunter2@h#f", "redis://hunter2@h", "unix://:hunter2@run/r.sock",
            "unix://",
            "redis://u:hunter2@h?client_name=a%20b",
        ]
    )
    func wrong(url: String) throws {
        let error = #expect(throws: RedisConfigurationError.self) { try RedisConfiguration(url: url) }
        #expect(error?.description.contains("hunter2") == false)
        #expect((error?.message.count ?? 0) > 20)
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
