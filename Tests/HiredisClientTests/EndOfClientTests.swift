import HiredisClient
import RESP
import RedisTestServer
import Synchronization
import Testing

@Suite("Deadlines and the end of a client")
struct EndOfClientTests {
    @Test("R3 A shutdown waits for all connections at once", .timeLimit(.minutes(1)))
    func shutdown() async throws {
        try await withBytePeer { connection in
            try await connection.acceptHandshake()
            while try await connection.readCommand() != nil {}
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") {
                $0.connections = 4
                $0.shutdownTimeout = .milliseconds(800)
                $0.disconnectedWait = .seconds(10)
            } _: { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 { group.addTask { _ = try? await client.send(.command("GET", "k")) } }
                    while !client.health.isConnected { try await Task.sleep(for: .milliseconds(5)) }
                    try await Task.sleep(for: .milliseconds(200))
                    let start = ContinuousClock.now
                    await client.shutdown()
                    #expect(ContinuousClock.now - start < .milliseconds(1_600))
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("D3 A script whose source must be sent has the time of one command", .timeLimit(.minutes(1)))
    func noScript() async throws {
        try await withBytePeer { connection in
            try await connection.acceptHandshake()
            while let command = try await connection.readCommand() {
                try await Task.sleep(for: .milliseconds(600))
                try await connection.write(command[0] == "EVALSHA" ? "-NOSCRIPT No matching script.\r\n" : ":1\r\n")
            }
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") {
                $0.commandTimeout = .milliseconds(1_000)
            } _: { client in
                let start = ContinuousClock.now
                let error = await #expect(throws: RedisError.self) {
                    try await client.evaluate(RedisScript("return 1"), keys: [])
                }
                #expect(error?.code == .timeout)
                #expect(ContinuousClock.now - start < .milliseconds(1_190))
            }
        }
    }

    @Test("D1 The first command waits for a server that is far away", .timeLimit(.minutes(1)))
    func farAway() async throws {
        try await withRedisServer { server in
            try await withByteProxy(to: server.port) { _ in
                var rules = ProxyRules()
                rules.toServer = { [.wait(.milliseconds(200)), .forward($0)] }
                rules.toClient = { [.wait(.milliseconds(200)), .forward($0)] }
                return rules
            } _: { port in
                try await withClient(url: "redis://127.0.0.1:\(port)") {
                    $0.disconnectedWait = .milliseconds(200)
                } _: { client in
                    try await client.ping()
                }
            }
        }
    }
}
