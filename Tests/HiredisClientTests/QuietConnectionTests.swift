import RESP
import RedisTestServer
import Synchronization
import Testing

@testable import HiredisClient

@Suite("Connections that nobody used for a while")
struct QuietConnectionTests {
    @Test("D11 A quiet connection is tried before a command is sent on it, and a busy one isn't")
    func probe() {
        var harness = MachineHarness {
            $0.quietInterval = 1_000_000_000
            $0.roleCheckInterval = .max / 2
        }
        harness.makeMasterReady()
        _ = harness.advance(milliseconds: 999)
        harness.submit("a")
        harness.flush()
        _ = harness.receive("+1\r\n")
        _ = harness.advance(milliseconds: 1_000)
        harness.submit("b", retry: .never)
        harness.submit("c", retry: .never)
        harness.flush()
        #expect(harness.written == ["a", "ROLE"])
        #expect(harness.receive(MachineHarness.master) == "none")
        harness.sendWaiting()
        harness.flush()
        #expect(harness.written == ["a", "ROLE", "b", "c"])
        _ = harness.receive("+2\r\n+3\r\n")
        #expect(harness.completed == ["a = 1", "b = 2", "c = 3"])
    }

    @Test("D11 A quiet connection that doesn't answer is replaced, and nothing was sent on it")
    func silent() {
        var harness = MachineHarness {
            $0.quietInterval = 1_000_000_000
            $0.probeTimeout = 500_000_000
        }
        harness.makeReady()
        _ = harness.advance(milliseconds: 1_000)
        harness.submit("a", retry: .never)
        harness.flush()
        #expect(harness.written == ["PING"])
        #expect(harness.nextDeadline == harness.now + 500_000_000)
        #expect(harness.advance(milliseconds: 500) == "close connectionClosed")
        #expect(harness.lose() == "reconnect")
        #expect(harness.reconnect() == "connect")
        _ = harness.machine.connected([.ping], origin: 8)
        _ = harness.receive("+PONG\r\n")
        harness.sendWaiting()
        #expect(harness.written == ["PING", "a"])
    }

    @Test("D11 A user who may not run PING has an answer all the same")
    func refusedProbe() {
        var harness = MachineHarness { $0.quietInterval = 1_000_000_000 }
        harness.makeReady()
        _ = harness.advance(milliseconds: 1_000)
        harness.submit("a")
        harness.flush()
        #expect(harness.receive("-NOPERM no\r\n") == "none")
        harness.sendWaiting()
        #expect(harness.written == ["PING", "a"])
    }

    @Test("D11 Connections that a balancer has forgotten without a word: no command fails", .timeLimit(.minutes(1)))
    func forgotten() async throws {
        let forgotten = Mutex(0)
        let made = Mutex(0)
        try await withRedisServer { server in
            try await withByteProxy(to: server.port) { index in
                made.withLock { $0 = index + 1 }
                var rules = ProxyRules()
                rules.toServer = { bytes in forgotten.withLock { index < $0 } ? [] : [.forward(bytes)] }
                return rules
            } _: { port in
                var configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(port)")
                configuration.logger = quietLogger
                configuration.quietInterval = .milliseconds(300)
                let client = try RedisClient(configuration: configuration)
                for _ in 0..<3 {
                    _ = try await client.send(.command("INCR", "n"), retry: .never)
                    forgotten.withLock { $0 = made.withLock { $0 } }
                    try await Task.sleep(for: .milliseconds(400))
                }
                let start = ContinuousClock.now
                let count = try await client.send(.command("INCR", "n"), retry: .never).reply.integer
                #expect(count == 4)
                #expect(ContinuousClock.now - start < .seconds(2))
                await client.shutdown()
            }
        }
    }
}
