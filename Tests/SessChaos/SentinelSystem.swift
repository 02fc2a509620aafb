import Modeler
import ModelerRedis
import RedisTestServer
import Synchronization

/// A master with two replicas, and three Sentinels.
final class SentinelSystem: ChaosSystem {
    let collections: [RedisCollection]
    let kinds: [ChaosFault.Kind] = [.kill, .stop, .pause, .cut, .failover, .scriptFlush, .sentinelKill]
    let replaysRemovals = true
    let probes = [ModelID(unchecked: "probe")]
    private let system: RedisTestSentinels
    private let paused = Mutex<RedisTestServer?>(nil)

    private init(_ system: RedisTestSentinels, _ collections: [RedisCollection]) {
        (self.system, self.collections) = (system, collections)
    }

    static func with<Result: Sendable>(_ body: (any ChaosSystem) async throws -> Result) async throws -> Result {
        try await withRedisSentinels { system in
            try await withChaosCollections(urls: (system.url, system.url)) { collections in
                try await body(SentinelSystem(system, collections))
            }
        }
    }

    private func master() async throws -> RedisTestServer {
        let port = try await masters()[0]
        guard let master = system.servers.first(where: { $0.port == port }) else {
            throw SystemFailure(description: "the Sentinels name a master at \(port)")
        }
        return master
    }

    /// The master on which all Sentinels agree.
    func masters() async throws -> [Int] {
        var ports: Set<Int?> = []
        for sentinel in system.sentinels.indices { ports.insert(try await system.masterPort(by: sentinel)) }
        guard ports.count == 1, case let port?? = ports.first else {
            throw SystemFailure(description: "the Sentinels name \(ports) as masters")
        }
        return [port]
    }

    func inflict(_ fault: ChaosFault) async throws -> String {
        let master = try await master()
        switch fault.kind {
        case .kill:
            try await master.kill()
            try await successor(of: master)
        case .stop:
            paused.withLock { $0 = master }
            master.pause()
            try await successor(of: master)
        case .pause:
            master.pause()
            defer { master.resume() }
            try await Task.sleep(for: fault.duration)
            return "the master at \(master.port), for \(fault.milliseconds) ms"
        case .failover:
            // It is refused while a former one is being finished.
            try await waitUntil {
                try await self.system.sentinels[0].command("SENTINEL", "FAILOVER", "mymaster") == .text("OK")
            }
            try await successor(of: master)
        case .sentinelKill:
            let sentinel = system.sentinels[fault.victim % system.sentinels.count]
            try await sentinel.kill()
            try await Task.sleep(for: fault.duration)
            try await sentinel.start()
            return "the one at \(sentinel.port), for \(fault.milliseconds) ms"
        case .scriptFlush: try await master.command("SCRIPT", "FLUSH")
        default: try await master.command("CLIENT", "KILL", "TYPE", "normal")
        }
        return "the master at \(master.port)"
    }

    /// Returns once all Sentinels name another master, which is one.
    private func successor(of master: RedisTestServer) async throws {
        try await waitUntil {
            let next = try await self.master()
            return next === master ? false : try await next.replication()["role"] == "master"
        }
    }

    func recoveryBound(after kind: ChaosFault.Kind) -> Duration { .seconds(3) }

    func settle() async throws {
        var master: RedisTestServer?
        try await waitUntilSound {
            master = try await self.master()
            return nil
        }
        guard let master else { return }
        if let stale = paused.withLock({ $0.take() }) {
            stale.resume()
            // For a while nobody tells it that it no longer is the master.
            try await Task.sleep(for: .milliseconds(700))
        }
        for server in system.servers where server !== master {
            if !server.isRunning {
                try await server.start("--replicaof", "127.0.0.1 \(master.port)")
            } else if try await server.replication()["master_port"] != "\(master.port)" {
                try await server.command("REPLICAOF", "127.0.0.1", "\(master.port)")
            }
        }
        try await waitUntilSound {
            guard try await self.master() === master else { return nil }
            for server in self.system.servers where server !== master {
                let details = try await server.replication()
                guard details["master_link_status"] == "up", details["master_port"] == "\(master.port)" else {
                    return "the replica at \(server.port) doesn't follow: \(details)"
                }
            }
            for sentinel in self.system.sentinels {
                let known = try await sentinel.command("SENTINEL", "MASTER", "mymaster")
                guard case .array(let parts) = known, parts.contains(.text("master")) else {
                    return "the Sentinel at \(sentinel.port) knows \(known)"
                }
            }
            return nil
        }
        guard try await self.master() === master else { return try await settle() }
    }

    func replicate() async throws {
        try await master().replicate("chaos:mark", to: system.servers.count - 1)
    }
}
