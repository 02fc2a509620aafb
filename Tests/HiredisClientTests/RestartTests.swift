import HiredisClient
import RedisTestServer
import Synchronization
import Testing

/// Many clients that lose their server together.
@Suite struct RestartTests {
    /// When which client has tried to connect, since the server was lost.
    private final class Attempts: Sendable {
        private struct State {
            var lost: ContinuousClock.Instant?
            var isDown = false
            var list: [(client: String, after: Duration)] = []
        }

        private let state = Mutex(State())

        var all: [(client: String, after: Duration)] { state.withLock { $0.list } }

        /// Begins to count.
        ///
        /// - Returns: From when on.
        func lose() -> ContinuousClock.Instant {
            state.withLock { state in
                let now = ContinuousClock.now
                state.lost = now
                state.isDown = true
                return now
            }
        }

        func comeBack() { state.withLock { $0.isDown = false } }

        /// Takes what a connection begins with.
        ///
        /// - Returns: Whether the server is there.
        func begin(_ bytes: [UInt8]) -> Bool {
            let name = String(decoding: bytes, as: UTF8.self).firstMatch(of: /client-[0-9]+/).map { String($0.0) }
            return state.withLock { state in
                if let lost = state.lost, let name { state.list.append((name, .now - lost)) }
                return !state.isDown
            }
        }

        var rules: ProxyRules {
            let hasBegun = Latch()
            var rules = ProxyRules()
            rules.toServer = { bytes in
                if hasBegun.isSet { return [.forward(bytes)] }
                hasBegun.set()
                return self.begin(bytes) ? [.forward(bytes)] : [.cut]
            }
            return rules
        }
    }

    @Test("D8 200 clients lose their server: few attempts of each, not all at once, and all are soon back")
    func restart() async throws {
        let attempts = Attempts()
        try await withRedisServer { server in
            let port = server.port
            try await withByteProxy(to: port, rules: { _ in attempts.rules }) { proxy in
                var clients: [RedisClient] = []
                for number in 0..<200 {
                    var configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(proxy)")
                    configuration.clientName = "client-\(number)"
                    configuration.connectTimeout = .seconds(5)
                    configuration.logger = quietLogger
                    clients.append(try RedisClient(configuration: configuration))
                }
                try await withThrowingDiscardingTaskGroup { group in
                    for client in clients { group.addTask { try await client.ping() } }
                }
                let heartbeat = Heartbeat()
                let lost = attempts.lose()
                try await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                try await Task.sleep(for: .seconds(1))
                try await waitUntil { Set(attempts.all.map(\.client)).count == 200 }
                attempts.comeBack()
                let begin = ContinuousClock.now
                try await waitUntil { clients.allSatisfy(\.health.isConnected) }
                let end = ContinuousClock.now
                heartbeat.stop()
                #expect(end - begin < .seconds(3) || heartbeat.stoodStill(begin...end))

                let early = attempts.all.filter { $0.after < .seconds(1) }
                let counts = Dictionary(grouping: early, by: \.client).mapValues(\.count)
                for (client, count) in counts where count > 3 {
                    Issue.record("\(client) tried after \(early.filter { $0.client == client }.map(\.after))")
                }
                for start in stride(from: 0, to: 1_000, by: 10) {
                    let window = Duration.milliseconds(start)..<Duration.milliseconds(start + 50)
                    let count = early.count { window.contains($0.after) }
                    // A fifth, and as many again that a busy machine lets in late. What was due while it stood still
                    // comes all at once.
                    let isLate = heartbeat.stoodStill((lost + window.lowerBound)...(lost + window.upperBound))
                    #expect(count <= 80 || isLate, "\(count) within 50 ms after \(start) ms")
                }
                for client in clients { await client.shutdown() }
            }
        }
    }
}
