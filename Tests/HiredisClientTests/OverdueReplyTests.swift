import RESP
import RedisTestServer
import Synchronization
import Testing

@testable import HiredisClient

@Suite("Connections whose replies are overdue")
struct OverdueReplyTests {
    private static func harness() -> MachineHarness {
        var harness = MachineHarness { $0.overdueInterval = 500_000_000 }
        harness.makeReady()
        return harness
    }

    @Test("D11 Nothing more is sent on a connection whose oldest reply is overdue, until something comes")
    func suspect() {
        var harness = Self.harness()
        harness.submit("a")
        harness.flush()
        // Nobody called the machine's timer for a command that isn't due; the driver does.
        #expect(harness.nextDeadline <= harness.now + 500_000_000)
        #expect(harness.advance(milliseconds: 500) == "seek witness")
        harness.submit("b")
        #expect(harness.written == ["a"])
        #expect(harness.advance(milliseconds: 100) == "none")
        #expect(harness.receive("+1\r\n") == "none")
        harness.sendWaiting()
        #expect(harness.written == ["a", "b"])
        #expect(harness.witnessed(true) == "none")
    }

    @Test("D11 It is replaced once the server answers elsewhere, and reads go again; while it doesn't, it stays")
    func replaced() {
        var harness = Self.harness()
        harness.submit("read", retry: .always)
        harness.flush()
        #expect(harness.advance(milliseconds: 500) == "seek witness")
        #expect(harness.witnessed(false) == "none")
        #expect(harness.advance(milliseconds: 500) == "seek witness")
        #expect(harness.witnessed(true) == "close connectionClosed")
        #expect(harness.lose() == "reconnect")
        #expect(harness.completed == [])
        #expect(harness.waitingNames == ["read"])
    }

    @Test(
        "D11 A busy connection that a balancer forgets is replaced within the time of its reads",
        .timeLimit(.minutes(1)))
    func forgotten() async throws {
        let isForgotten = Mutex(false)
        try await withRedisServer { server in
            try await withByteProxy(to: server.port) { index in
                var rules = ProxyRules()
                rules.toServer = { bytes in index == 0 && isForgotten.withLock { $0 } ? [] : [.forward(bytes)] }
                return rules
            } _: { port in
                var configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(port)")
                configuration.logger = quietLogger
                let client = try RedisClient(configuration: configuration)
                _ = try await client.send(.command("SET", "k", "v"))
                isForgotten.withLock { $0 = true }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            let value = try await client.send(.command("GET", "k"), retry: .always).reply.string
                            #expect(value == "v")
                        }
                    }
                    try await group.waitForAll()
                }
                await client.shutdown()
            }
        }
    }

    @Test("D11 A server that is busy, and so answers nowhere, keeps its connection", .timeLimit(.minutes(1)))
    func busy() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) {
                $0.overdueInterval = .milliseconds(300)
            } _: { client in
                let before = try await client.send(.command("CLIENT", "ID")).reply.integer
                server.pause()
                async let written = client.send(.command("SET", "k", "v"), retry: .never)
                // Three times what makes the connection suspect.
                try await Task.sleep(for: .milliseconds(1_000))
                server.resume()
                #expect(try await written.reply.equals("OK"))
                #expect(try await client.send(.command("CLIENT", "ID")).reply.integer == before)
            }
        }
    }
}
