import Modeler
import ModelerRedis
import RedisTestServer
import Synchronization

/// A cluster of three shards, each a master with a replica.
final class ClusterSystem: ChaosSystem {
    let collections: [RedisCollection]
    let kinds: [ChaosFault.Kind] = [.kill, .stop, .pause, .cut, .failover, .reshard, .reshard, .scriptFlush]
    let replaysRemovals = false
    let probes: [ModelID]
    private let cluster: RedisTestCluster
    /// A key of each shard, to be written before a fault.
    private let marks: [String]
    private let paused = Mutex<RedisTestServer?>(nil)

    private init(_ cluster: RedisTestCluster, _ collections: [RedisCollection]) async throws {
        (self.cluster, self.collections) = (cluster, collections)
        var (probes, marks): ([ModelID], [String]) = ([], [])
        for shard in cluster.masters.indices {
            var number = 0
            while try await cluster.master(of: "chaos:models:probe\(number)") != shard { number += 1 }
            probes.append(ModelID(unchecked: "probe\(number)"))
            marks.append("chaos:{chaos:models:probe\(number)}:mark")
        }
        (self.probes, self.marks) = (probes, marks)
    }

    static func with<Result: Sendable>(_ body: (any ChaosSystem) async throws -> Result) async throws -> Result {
        try await withRedisCluster(nodeTimeout: 2_000, arguments: ["--cluster-require-full-coverage", "no"]) {
            cluster in
            try await withChaosCollections(urls: (cluster.url, cluster.url)) { collections in
                try await body(try await ClusterSystem(cluster, collections))
            }
        }
    }

    private func nodes(of shard: Int) -> [RedisTestServer] { [cluster.masters[shard], cluster.replicas[shard]] }

    /// The masters that a node knows of and doesn't take for down, by port, in the order of shards.
    private func masters(by node: RedisTestServer) async throws -> [Int?] {
        let text = try await node.command("CLUSTER", "NODES").text ?? ""
        var ports: Set<Int> = []
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            let flags = parts[2].split(separator: ",")
            guard flags.contains("master"), parts.count > 8, !flags.contains("fail"), !flags.contains("fail?") else {
                continue
            }
            if let port = parts[1].split(separator: "@")[0].split(separator: ":").last.flatMap({ Int($0) }) {
                ports.insert(port)
            }
        }
        return cluster.masters.indices.map { shard in nodes(of: shard).map(\.port).first { ports.contains($0) } }
    }

    /// The masters on which all nodes agree that run.
    func masters() async throws -> [Int] {
        var views: Set<[Int?]> = []
        for node in cluster.nodes where node.isRunning && paused.withLock({ $0 !== node }) {
            views.insert(try await masters(by: node))
        }
        guard views.count == 1, let view = views.first, !view.contains(nil) else {
            throw SystemFailure(description: "the nodes take \(views) for masters")
        }
        return view.compactMap { $0 }
    }

    private func current() async throws -> [RedisTestServer] {
        try await masters().compactMap { port in cluster.nodes.first { $0.port == port } }
    }

    func inflict(_ fault: ChaosFault) async throws -> String {
        let current = try await current()
        let shard = fault.victim % current.count
        let master = current[shard]
        switch fault.kind {
        case .kill:
            try await master.kill()
            try await successor(of: master, shard)
        case .stop:
            paused.withLock { $0 = master }
            master.pause()
            try await successor(of: master, shard)
        case .pause:
            master.pause()
            defer { master.resume() }
            try await Task.sleep(for: fault.duration)
            return "the master at \(master.port), for \(fault.milliseconds) ms"
        case .failover:
            var askAgain = ContinuousClock.now
            try await waitUntil {
                if ContinuousClock.now >= askAgain {
                    askAgain = .now + .seconds(6)
                    try await self.nodes(of: shard).first { $0 !== master }?.command("CLUSTER", "FAILOVER")
                }
                return try await self.masters()[shard] != master.port
            }
        case .reshard: return try await reshard(master, current[(shard + 1 + fault.victim / 3 % 2) % 3], fault, current)
        case .scriptFlush: for node in current { try await node.command("SCRIPT", "FLUSH") }
        default: for node in current { try await node.command("CLIENT", "KILL", "TYPE", "normal") }
        }
        return fault.kind == .scriptFlush || fault.kind == .cut ? "all masters" : "the master at \(master.port)"
    }

    private func successor(of master: RedisTestServer, _ shard: Int) async throws {
        try await waitUntil { try await self.masters()[shard] != master.port }
    }

    /// Moves slots that have keys to another master and back.
    private func reshard(
        _ source: RedisTestServer, _ target: RedisTestServer, _ fault: ChaosFault, _ present: [RedisTestServer]
    ) async throws -> String {
        let keys = try await source.commands(Array(repeating: ["RANDOMKEY"], count: 8)).compactMap(\.text)
        var slots: Set<Int> = []
        for reply in try await source.commands(keys.map { ["CLUSTER", "KEYSLOT", $0] }) {
            if let slot = reply.integer { slots.insert(slot) }
        }
        try await cluster.move(slots, from: source, to: target, among: present)
        try await Task.sleep(for: fault.duration)
        try await cluster.move(slots, from: target, to: source, among: present)
        return "\(slots.count) slots of \(source.port), by way of \(target.port), for \(fault.milliseconds) ms"
    }

    func recoveryBound(after kind: ChaosFault.Kind) -> Duration { .seconds(3) }

    func settle() async throws {
        paused.withLock { $0.take() }?.resume()
        for node in cluster.nodes where !node.isRunning { try await node.start() }
        try await waitUntilSound {
            let masters = try await self.masters()
            for node in self.cluster.nodes {
                let state = try await node.command("CLUSTER", "INFO").text ?? ""
                guard state.contains("cluster_state:ok") else { return "the node at \(node.port): \(state)" }
                let details = try await node.replication()
                guard (details["role"] == "master") == masters.contains(node.port),
                    details["role"] == "master" || details["master_link_status"] == "up"
                else { return "the node at \(node.port): \(details)" }
            }
            return nil
        }
    }

    func replicate() async throws {
        for (master, mark) in zip(try await current(), marks) { try await master.replicate(mark, to: 1) }
    }
}
