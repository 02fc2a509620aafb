import HiredisClient
import RESP
import RedisTestServer
import Synchronization
import Testing

/// A real master with two replicas and three Sentinels.
@Suite struct SentinelTests {
    private func withSentinelClient<Result>(
        _ system: RedisTestSentinels, _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        try await withClient(url: system.url) {
            $0.commandTimeout = .seconds(15)
            $0.connectTimeout = .seconds(1)
            $0.roleCheckInterval = .milliseconds(1)
        } _: {
            try await body($0)
        }
    }

    /// Where a client's commands go.
    private func port(_ client: RedisClient) async throws -> Int? {
        let reply = try await client.send(.command("CONFIG", "GET", "port"), retry: .always).reply
        return reply[1].string.flatMap { Int($0) }
    }

    @Test(
        "D6 Commands go to the master that Sentinels name, and after its death to the next, within the command's time")
    func kill() async throws {
        try await withRedisSentinels { system in
            try await withSentinelClient(system) { client in
                _ = try await client.send(.command("SET", "k", "1"))
                #expect(try await port(client) == system.servers[0].port)
                try await system.servers[0].kill()
                for _ in 0..<5 { _ = try await client.send(.command("SET", "k", "2"), retry: .always) }
                let now = try await port(client)
                #expect(now != system.servers[0].port)
                #expect(try await client.send(.command("GET", "k"), retry: .always).reply.equals("2"))
                #expect(client.health.isConnected)
            }
        }
    }

    @Test("D6 A planned failover, by Sentinel or by the master itself, fails no write", arguments: [true, false])
    func planned(_ isBySentinel: Bool) async throws {
        try await withRedisSentinels { system in
            try await withSentinelClient(system) { client in
                let isDone = Latch()
                let count = try await withThrowingTaskGroup(of: Int.self) { group in
                    for writer in 0..<4 {
                        group.addTask {
                            var count = 0
                            while !isDone.isSet {
                                _ = try await client.send(
                                    .command("SET", "k\(writer)", "\(count)"), retry: .always)
                                count += 1
                                try await Task.sleep(for: .milliseconds(2))
                            }
                            return count
                        }
                    }
                    try await Task.sleep(for: .milliseconds(300))
                    if isBySentinel {
                        try await system.sentinels[0].command("SENTINEL", "FAILOVER", "mymaster")
                    } else {
                        try await system.servers[0].command(
                            "FAILOVER", "TO", "127.0.0.1", "\(system.servers[1].port)", "TIMEOUT", "5000")
                    }
                    let old = system.servers[0].port
                    try await waitUntil { try await port(client) != old }
                    try await Task.sleep(for: .milliseconds(300))
                    isDone.set()
                    return try await group.reduce(0, +)
                }
                #expect(count > 0)
                let now = try await port(client)
                let master = system.servers.first { $0.port == now }
                #expect(try await master?.command("INFO", "replication").text?.contains("role:master") == true)
            }
        }
    }

    @Test("D6 A master that was stopped and wakes up gets no reads")
    func stopped() async throws {
        try await withRedisSentinels { system in
            try await withSentinelClient(system) { client in
                _ = try await client.send(.command("SET", "k", "old"))
                system.servers[0].pause()
                _ = try await client.send(.command("SET", "k", "new"), retry: .always)
                system.servers[0].resume()
                for _ in 0..<200 {
                    #expect(try await client.send(.command("GET", "k"), retry: .always).reply.equals("new"))
                }
            }
        }
    }

    @Test("D6 A Sentinel that lies about the master, or is silent, changes nothing")
    func liar() async throws {
        try await withRedisSentinels(replicas: 1, sentinels: 2) { system in
            try await withRedisServer { foreign in
                try await withLyingSentinel(naming: foreign.port, epoch: 99) { liarPort in
                    let url = system.url.replacing("/mymaster", with: ",127.0.0.1:\(liarPort)/mymaster")
                    try await withClient(url: url) {
                        $0.connectTimeout = .seconds(1)
                    } _: { client in
                        try await waitUntil { try await port(client) == system.servers[0].port }
                        for _ in 0..<20 {
                            #expect(try await port(client) == system.servers[0].port)
                            try await Task.sleep(for: .milliseconds(50))
                        }
                    }
                }
            }
        }
    }

    @Test("D6 Messages come from the new master after a change")
    func messages() async throws {
        try await withRedisSentinels { system in
            try await withSentinelClient(system) { client in
                let signals = Mutex<[SubscriptionSignal]>([])
                let subscription = client.subscribe(to: "c") { signal in signals.withLock { $0.append(signal) } }
                defer { subscription.cancel() }
                _ = try await client.send(.command("PING"), retry: .always)
                try await waitUntil { signals.withLock { $0.last } == .told }
                signals.withLock { $0 = [] }
                try await system.servers[0].kill()
                try await waitUntil { signals.withLock { $0.first == .untold && $0.last == .told } }
                let before = signals.withLock { $0.count }
                _ = try await client.send(.command("PUBLISH", "c", "x"), retry: .always)
                try await waitUntil { signals.withLock { $0.count } > before }
            }
        }
    }

    @Test("A master that the Sentinels don't know, and Sentinels that aren't there: an error in time")
    func unknown() async throws {
        try await withRedisSentinels(replicas: 1, sentinels: 1) { system in
            for url in [system.url.replacing("mymaster", with: "other"), "redis+sentinel://127.0.0.1:1/mymaster"] {
                try await withClient(url: url) {
                    $0.commandTimeout = .milliseconds(500)
                } _: { client in
                    let error = await #expect(throws: RedisError.self) {
                        try await client.send(.command("GET", "k"))
                    }
                    #expect(error?.code == .notSent)
                    #expect(!client.health.isConnected)
                }
            }
        }
    }
}

/// A peer that answers as a Sentinel does, but names a server of its own choice.
private func withLyingSentinel<Result: Sendable>(
    naming port: Int, epoch: Int, _ body: (Int) async throws -> Result
) async throws -> Result {
    try await withBytePeer { connection in
        while let command = try await connection.readCommand() {
            switch command.map({ $0.uppercased() }).prefix(2).joined(separator: " ") {
            case "SENTINEL GET-MASTER-ADDR-BY-NAME":
                try await connection.write("*2\r\n$9\r\n127.0.0.1\r\n$\("\(port)".count)\r\n\(port)\r\n")
            case "SENTINEL MASTER":
                try await connection.write(
                    "*2\r\n$12\r\nconfig-epoch\r\n$\("\(epoch)".count)\r\n\(epoch)\r\n")
            case "SENTINEL SENTINELS": try await connection.write("*0\r\n")
            case let text where text.hasPrefix("SUBSCRIBE"):
                try await connection.write("*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n")
            case let text where text.hasPrefix("PING"): try await connection.write("+PONG\r\n")
            case let text where text.hasPrefix("EVAL"): try await connection.write(":1\r\n")
            default: try await connection.write("+OK\r\n")
            }
        }
    } _: { port in
        try await body(port)
    }
}
