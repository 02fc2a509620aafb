import HiredisClient
import RESP
import RedisTestServer
import Synchronization
import Testing

/// A real cluster of three masters with a replica each.
@Suite struct ClusterTests {
    private func withClusterClient<Result>(
        _ cluster: RedisTestCluster, timeout: Duration = .seconds(40), _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        try await withClient(url: cluster.url) {
            $0.commandTimeout = timeout
            $0.connectTimeout = .seconds(1)
            $0.overdueInterval = .milliseconds(500)
        } _: {
            try await body($0)
        }
    }

    private func key(on master: Int, of cluster: RedisTestCluster) async throws -> String {
        for number in 0..<1_000 where try await cluster.master(of: "k\(number)") == master { return "k\(number)" }
        throw CancellationError()
    }

    private func set(_ key: String, _ value: Int, _ client: RedisClient) async throws {
        _ = try await client.send(.command("SET", key: key, "\(value)"), retry: .always)
    }

    private func value(of key: String, _ client: RedisClient) async throws -> String? {
        try await client.send(.command("GET", key: key), retry: .always).reply.string
    }

    @Test("D7 Each command goes to the node that has its key, also where the client wasn't told the key")
    func routes() async throws {
        try await withRedisCluster { cluster in
            try await withClusterClient(cluster) { client in
                for number in 0..<300 { try await set("k\(number)", number, client) }
                for number in 0..<300 { #expect(try await value(of: "k\(number)", client) == "\(number)") }
                for number in 0..<20 {
                    #expect(try await client.send(.command("GET", "k\(number)")).reply.string == "\(number)")
                }
                try await client.ping()
                #expect(client.health.isConnected)
                // The client has led none astray: the nodes have refused only those whose keys it wasn't told.
                var refused = 0
                for master in cluster.masters {
                    let stats = try await master.command("INFO", "errorstats").text ?? ""
                    let line = stats.split(whereSeparator: \.isNewline).first { $0.hasPrefix("errorstat_MOVED") }
                    refused += line.flatMap { Int($0.split(separator: "=")[1]) } ?? 0
                }
                #expect(refused <= 20)
            }
        }
    }

    @Test("D7 Scripts go where their key is, and their source too")
    func scripts() async throws {
        try await withRedisCluster { cluster in
            try await withClusterClient(cluster) { client in
                let script = RedisScript("return redis.call('INCR', KEYS[1])")
                for number in 0..<60 {
                    let reply = try await client.evaluate(script, keys: ["k\(number)"]).reply
                    #expect(reply.integer == 1)
                }
            }
        }
    }

    @Test(
        "D7 A master is killed: its keys are served by the next one, within the command's time, and all others always")
    func kill() async throws {
        try await withRedisCluster(
            nodeTimeout: 2_000, arguments: ["--cluster-require-full-coverage", "no"]
        ) { cluster in
            try await withClusterClient(cluster) { client in
                let lost = try await key(on: 0, of: cluster)
                let others = [try await key(on: 1, of: cluster), try await key(on: 2, of: cluster)]
                for key in [lost] + others { try await set(key, 1, client) }
                try await cluster.masters[0].command("WAIT", "1", "5000")
                try await cluster.masters[0].kill()
                let isDone = Latch()
                try await withThrowingDiscardingTaskGroup { group in
                    for other in others {
                        group.addTask {
                            var number = 0
                            while !isDone.isSet || number == 0 {
                                number += 1
                                try await set(other, number, client)
                                let found = try await value(of: other, client)
                                #expect(found == "\(number)")
                            }
                        }
                    }
                    defer { isDone.set() }
                    #expect(try await value(of: lost, client) == "1")
                    try await set(lost, 2, client)
                }
                #expect(
                    try await cluster.replicas[0].command("INFO", "replication").text?.contains("role:master") == true)
            }
        }
    }

    @Test("D7 A master that is stopped is left for the next one though its connections stay open")
    func stopped() async throws {
        try await withRedisCluster(nodeTimeout: 2_000) { cluster in
            try await withClusterClient(cluster) { client in
                let key = try await key(on: 0, of: cluster)
                try await set(key, 1, client)
                try await cluster.masters[0].command("WAIT", "1", "5000")
                cluster.masters[0].pause()
                try await set(key, 2, client)
                #expect(try await value(of: key, client) == "2")
                cluster.masters[0].resume()
                for _ in 0..<100 { #expect(try await value(of: key, client) == "2") }
            }
        }
    }

    /// Its connections aren't replaced within the test's time, and the nodes aren't asked by themselves in the first
    /// 24 seconds, so that the silence alone tells.
    @Test("D7 Commands that come after a master has fallen silent don't wait for what was sent to it before")
    func silent() async throws {
        try await withRedisCluster(nodeTimeout: 2_000) { cluster in
            try await withClient(url: cluster.url) {
                $0.overdueInterval = .milliseconds(500)
                $0.stallTimeout = .seconds(120)
                $0.commandTimeout = .seconds(120)
            } _: { client in
                let key = try await key(on: 0, of: cluster)
                try await set(key, 1, client)
                try await cluster.masters[0].command("WAIT", "1", "5000")
                cluster.masters[0].pause()
                defer { cluster.masters[0].resume() }
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { try await set(key, 2, client) }
                    try await waitUntil {
                        try await cluster.replicas[0].command("INFO", "replication").text?.contains("role:master")
                            == true
                    }
                    let request = RESPRequest.command("SET", key: key, "2")
                    _ = try await client.send(request, timeout: .seconds(12), retry: .always)
                }
                #expect(try await cluster.replicas[0].command("GET", key).text == "2")
            }
        }
    }

    @Test("D7 A planned failover fails no write")
    func planned() async throws {
        try await withRedisCluster(nodeTimeout: 2_000) { cluster in
            try await withClusterClient(cluster) { client in
                let key = try await key(on: 0, of: cluster)
                let isDone = Latch()
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask {
                        var number = 0
                        while !isDone.isSet {
                            number += 1
                            try await set(key, number, client)
                            let found = try await value(of: key, client)
                            #expect(found == "\(number)")
                        }
                    }
                    defer { isDone.set() }
                    for node in [cluster.replicas[0], cluster.masters[0]] {
                        try await waitUntil {
                            try await node.command("INFO", "replication").text?.contains("master_link_status:up")
                                == true
                        }
                        try await promote(node)
                    }
                }
            }
        }
    }

    /// Has a replica take its master's place, and asks for it again where that has not come to pass in time.
    private func promote(_ node: RedisTestServer) async throws {
        var askAgain = ContinuousClock.now
        try await waitUntil {
            if ContinuousClock.now >= askAgain {
                askAgain = .now + .seconds(6)
                try await node.command("CLUSTER", "FAILOVER")
            }
            return try await node.command("INFO", "replication").text?.contains("role:master") == true
        }
    }

    @Test("D7 A node that is silent holds up nobody else's commands")
    func blackHole() async throws {
        try await withRedisCluster { cluster in
            try await withClusterClient(cluster, timeout: .seconds(10)) { client in
                let silent = try await key(on: 0, of: cluster)
                let others = [try await key(on: 1, of: cluster), try await key(on: 2, of: cluster)]
                for key in [silent] + others { try await set(key, 1, client) }
                cluster.masters[0].pause()
                try await withThrowingDiscardingTaskGroup { group in
                    for _ in 0..<500 {
                        group.addTask {
                            await #expect(throws: RedisError.self) {
                                try await client.send(.command("GET", key: silent), timeout: .seconds(3))
                            }
                        }
                    }
                    for key in others {
                        group.addTask {
                            for number in 0..<1_000 { try await set(key, number, client) }
                        }
                    }
                }
                cluster.masters[0].resume()
                #expect(try await value(of: silent, client) == "1")
            }
        }
    }

    @Test("D7 Messages come from a node that is up, whichever node publishes them")
    func messages() async throws {
        try await withRedisCluster(nodeTimeout: 2_000) { cluster in
            try await withClusterClient(cluster) { client in
                let signals = Mutex<[SubscriptionSignal]>([])
                let subscription = client.subscribe(to: "c") { signal in signals.withLock { $0.append(signal) } }
                defer { subscription.cancel() }
                try await waitUntil { signals.withLock { $0.last } == .told }
                let subscribed = try await subscribed(cluster.masters)
                for node in cluster.nodes {
                    let before = signals.withLock { $0.count }
                    try await node.command("PUBLISH", "c", "x")
                    try await waitUntil { signals.withLock { $0.count } == before + 1 }
                }
                signals.withLock { $0 = [] }
                try await cluster.masters[subscribed].kill()
                try await waitUntil { signals.withLock { $0.contains(.untold) && $0.last == .told } }
                let before = signals.withLock { $0.count }
                try await cluster.masters[(subscribed + 1) % 3].command("PUBLISH", "c", "x")
                try await waitUntil { signals.withLock { $0.count } > before }
            }
        }
    }

    private func subscribed(_ nodes: [RedisTestServer]) async throws -> Int {
        for (index, node) in nodes.enumerated() {
            if case .array(let channels) = try await node.command("PUBSUB", "CHANNELS", "c"), !channels.isEmpty {
                return index
            }
        }
        throw CancellationError()
    }
}
