import HiredisClient
import RESP
import RedisTestServer
import Testing

@Suite struct RoundTripTests {
    @Test("The first command connects, over TCP and over a unix socket")
    func roundTrip() async throws {
        try await withRedisServer { server in
            for url in [server.url, server.unixURL] {
                try await withClient(url: url) { client in
                    try await client.ping()
                    #expect(client.health.isConnected)
                    let set = try await client.send(.command("SET", "k", "v"))
                    #expect(set.reply.equals("OK"))
                    let get = try await client.send(.command("GET", "k"), retry: .always)
                    #expect(get.reply.string == "v")
                    let missing = try await client.send(.command("GET", "missing"))
                    #expect(missing.reply.isNull)
                }
            }
        }
    }

    @Test("Commands of one request stay together, and their replies are one value")
    func several() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                let request = RESPRequest.build { encoder in
                    encoder.command("HSET", argumentCount: 6)
                    for argument in ["h", "a", "1", "b", "2"] { encoder.argument(argument) }
                    encoder.command("HGETALL", argumentCount: 2)
                    encoder.argument("h")
                    encoder.command("PTTL", argumentCount: 2)
                    encoder.argument("h")
                }
                let replies = try await client.send(request)
                #expect(replies.count == 3)
                #expect(replies[0].integer == 2)
                #expect(replies[1].elements.map { $0.string ?? "" } == ["a", "1", "b", "2"])
                #expect(replies[2].integer == -1)
            }
        }
    }

    @Test("1,000 callers at once each get their own reply")
    func parallel() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<1_000 {
                        group.addTask {
                            let reply = try await client.send(.command("ECHO", "\(index)"))
                            #expect(reply.reply.string == "\(index)")
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("A script runs by its name, and its source is sent where it is unknown")
    func script() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                let script = RedisScript("return {KEYS[1], ARGV[1], {redis.call('INCR', KEYS[1])}}")
                for count in 1...3 {
                    if count == 3 { try await server.command("SCRIPT", "FLUSH") }
                    let reply = try await client.evaluate(script, keys: ["n"], argumentCount: 1) { $0.argument("x") }
                    #expect(reply.reply[0].string == "n")
                    #expect(reply.reply[1].string == "x")
                    #expect(reply.reply[2][0].integer == Int64(count))
                }
            }
        }
    }

    @Test("A server's error is thrown with its class")
    func serverError() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                _ = try await client.send(.command("SET", "k", "v"))
                let error = await #expect(throws: RedisError.self) {
                    try await client.send(.command("LPUSH", "k", "v"))
                }
                #expect(error?.code == .server(.wrongType))
                try await client.ping()
            }
        }
    }
}
