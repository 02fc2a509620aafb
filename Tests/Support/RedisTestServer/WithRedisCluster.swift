/// A real Redis Cluster: masters that share the slots evenly, each with one replica.
public struct RedisTestCluster: Sendable {
    /// The masters, in the order of their slots.
    public let masters: [RedisTestServer]
    /// The replica of each master.
    public let replicas: [RedisTestServer]

    /// All nodes.
    public var nodes: [RedisTestServer] { masters + replicas }

    /// `redis+cluster://` with all nodes.
    public var url: String { "redis+cluster://" + nodes.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") }

    /// Moves slots with their keys from one master to another, one slot after the other.
    public func move(_ slots: Range<Int>, from source: Int, to target: Int) async throws {
        try await move(slots, from: masters[source], to: masters[target], among: masters)
    }

    /// Moves slots with their keys from one node to another, one slot after the other.
    ///
    /// - Parameter present: All nodes that are masters at present.
    public func move(
        _ slots: some Sequence<Int>, from: RedisTestServer, to: RedisTestServer, among present: [RedisTestServer]
    ) async throws {
        let toID = try await to.command("CLUSTER", "MYID").text ?? ""
        for slot in slots.map(String.init) {
            try await moveKeys(of: slot, from: from, to: to)
            for master in [to, from] + present.filter({ $0 !== from && $0 !== to }) {
                try await must(master, "CLUSTER", "SETSLOT", slot, "NODE", toID)
            }
        }
    }

    /// Moves a slot's keys, which are asked for behind ASKING from then on: the slot is on its way until it is moved.
    public func moveKeys(of slot: String, from: RedisTestServer, to: RedisTestServer) async throws {
        let fromID = try await from.command("CLUSTER", "MYID").text ?? ""
        let toID = try await to.command("CLUSTER", "MYID").text ?? ""
        try await must(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromID)
        try await must(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", toID)
        while case .array(let keys) = try await from.command("CLUSTER", "GETKEYSINSLOT", slot, "3"), !keys.isEmpty {
            let migration = ["MIGRATE", "127.0.0.1", "\(to.port)", "", "0", "5000", "KEYS"]
            try await must(from, migration + keys.compactMap(\.text))
        }
    }

    private func must(_ node: RedisTestServer, _ arguments: String...) async throws {
        try await must(node, arguments)
    }

    private func must(_ node: RedisTestServer, _ arguments: [String]) async throws {
        if case .error(let text) = try await node.commands([arguments])[0] {
            throw RawRedis.Failure(description: "\(arguments): \(text)")
        }
    }

    /// The position of the master that has a key.
    public func master(of key: String) async throws -> Int {
        let slot = try await masters[0].command("CLUSTER", "KEYSLOT", key).integer ?? 0
        return masters.indices.last { Self.firstSlot($0, of: masters.count) <= slot } ?? 0
    }

    static func firstSlot(_ master: Int, of count: Int) -> Int { master * 16_384 / count }

    /// Joins the nodes, and returns once each knows that all slots are served and each replica has its master's data.
    func form() async throws {
        for (index, node) in nodes.enumerated() {
            try await node.command("CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
            guard index > 0 else { continue }
            let bus = try await nodes[0].command("CONFIG", "GET", "cluster-port")
            guard case .array(let setting) = bus, let busPort = setting.last?.text else {
                throw RawRedis.Failure(description: "no cluster port: \(bus)")
            }
            try await node.command("CLUSTER", "MEET", "127.0.0.1", "\(nodes[0].port)", busPort)
        }
        for (index, master) in masters.enumerated() {
            let (first, next) = (
                Self.firstSlot(index, of: masters.count), Self.firstSlot(index + 1, of: masters.count)
            )
            try await master.command("CLUSTER", "ADDSLOTSRANGE", "\(first)", "\(next - 1)")
        }
        try await wait("the nodes know one another") { node in
            let lines = try await node.command("CLUSTER", "NODES").text?.split(separator: "\n") ?? []
            return lines.count == nodes.count && lines.allSatisfy { !$0.contains("handshake") }
        }
        for (master, replica) in zip(masters, replicas) {
            let id = try await master.command("CLUSTER", "MYID").text ?? ""
            try await replica.command("CLUSTER", "REPLICATE", id)
        }
        try await wait("the cluster serves all slots") { node in
            let state = try await node.command("CLUSTER", "INFO").text ?? ""
            let role = try await node.command("INFO", "replication").text ?? ""
            return state.contains("cluster_state:ok") && state.contains("cluster_slots_ok:16384")
                && (role.contains("role:master") || role.contains("master_link_status:up"))
        }
    }

    private func wait(_ what: String, _ holds: (RedisTestServer) async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(40)
        for node in nodes {
            while try await !holds(node) {
                guard ContinuousClock.now < end else { throw RawRedis.Failure(description: "not so: \(what)") }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}

/// Runs `body` with a fresh Redis Cluster, whose nodes are killed afterwards whatever happens.
///
/// - Parameters:
///   - nodeTimeout: After how many milliseconds of silence a node is taken for down.
///   - arguments: Further arguments of each `redis-server`.
public func withRedisCluster<Result>(
    masters: Int = 3, nodeTimeout: Int = 15_000, arguments: [String] = [],
    _ body: (RedisTestCluster) async throws -> Result
) async throws -> Result {
    let nodes = try (0..<2 * masters).map { _ in
        try RedisTestServer(
            arguments: [
                "--cluster-enabled", "yes", "--cluster-port", "\(try freePort())", "--cluster-node-timeout",
                "\(nodeTimeout)", "--repl-diskless-sync-delay", "0",
            ] + arguments)
    }
    let cluster = RedisTestCluster(masters: Array(nodes[..<masters]), replicas: Array(nodes[masters...]))
    func end() async throws {
        for node in nodes {
            try await node.kill()
            node.removeDirectory()
        }
    }
    do {
        for node in nodes { try await node.start() }
        try await cluster.form()
        let result = try await body(cluster)
        try await end()
        return result
    } catch {
        try await end()
        throw error
    }
}
