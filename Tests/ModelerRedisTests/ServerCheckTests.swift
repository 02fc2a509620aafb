import HiredisClient
import Logging
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

/// The check of the servers' settings, and what it logs.
@Suite("The settings of Redis")
struct ServerCheckTests {
    private static let owner = OwnerID(unchecked: "alice")

    @Test(
        "D14 A policy by which revocations may miss models is warned of once",
        .timeLimit(.minutes(1)),
        arguments: [
            ("noeviction", false), ("volatile-ttl", false), ("volatile-lru", true), ("volatile-lfu", true),
            ("volatile-random", true), ("allkeys-lru", true), ("allkeys-lfu", true), ("allkeys-random", true),
        ])
    func policies(_ policy: String, isWarnedOf: Bool) async throws {
        try await withRedisServer(arguments: ["--maxmemory-policy", policy, "--appendonly", "yes"]) { server in
            let lines = try await findings(url: server.url)
            #expect(lines.count == (isWarnedOf ? 1 : 0))
            if isWarnedOf { #expect(lines[0].contains("maxmemory-policy is \(policy)")) }
        }
    }

    @Test(
        "D14 A user who may not ask for it is told nothing; one who may ask in one of two ways is",
        .timeLimit(.minutes(1)),
        arguments: [(["-info", "-config"], 0), (["-info"], 2), (["-config"], 2)])
    func permissions(_ denied: [String], count: Int) async throws {
        try await withRedisServer(arguments: ["--maxmemory-policy", "allkeys-lru"]) { server in
            try await server.commands([["ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all"] + denied])
            let lines = try await findings(url: "redis://app:pw@127.0.0.1:\(server.port)")
            #expect(lines.count == count)
        }
    }

    @Test("A client that is run as a service asks once there is a server", .timeLimit(.minutes(1)))
    func service() async throws {
        try await withRedisServer(startsNow: false) { server in
            let log = RecordedFindings()
            try await withClient(url: server.url, configure: { $0.logger = log.logger }) { client in
                let running = Task { try await client.run() }
                try await server.start()
                try await waitUntil { client.serverCheck.isOver }
                running.cancel()
                try await running.value
            }
            #expect(log.lines.filter { $0.contains("Set appendonly to yes") }.count == 1)
        }
    }

    @Test("A client that is set not to ask doesn't")
    func off() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url, configure: { $0.checksServer = false }) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                _ = try await models.renew(ModelID(1), of: Self.owner, epoch: 0, expires: nil)
                try await client.ping()
                #expect(!client.serverCheck.isBegun)
                let statistics = try await server.command("INFO", "commandstats").text ?? ""
                #expect(!statistics.contains("cmdstat_info:"))
            }
        }
    }

    @Test("A master whose replicas aren't required, and a replica, are told of", .timeLimit(.minutes(1)))
    func replication() async throws {
        try await withRedisServer(arguments: ["--appendonly", "yes"]) { master in
            let arguments = ["--appendonly", "yes", "--replicaof", "127.0.0.1 \(master.port)"]
            try await withRedisServer(arguments: arguments) { replica in
                try await waitUntil {
                    try await master.command("INFO", "replication").text?.contains("state=online") == true
                }
                var lines = try await findings(url: master.url)
                #expect(lines.count == 1 && lines[0].contains("Set min-replicas-to-write to 1"))
                try await master.command("CONFIG", "SET", "min-replicas-to-write", "1")
                lines = try await findings(url: master.url)
                #expect(lines.isEmpty)
                // With a user who may not run ROLE nothing else tells.
                try await replica.commands([["ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all", "-role"]])
                lines = try await findings(url: "redis://app:pw@127.0.0.1:\(replica.port)")
                #expect(lines.count == 1 && lines[0].contains("Connect to its master"))
            }
        }
    }

    @Test("Nodes of a cluster that all stop with one of them are told of in one line", .timeLimit(.minutes(2)))
    func cluster() async throws {
        try await withRedisCluster(arguments: ["--appendonly", "yes", "--min-replicas-to-write", "1"]) { cluster in
            let lines = try await findings(url: cluster.url)
            #expect(lines.count == 1 && lines[0].contains("cluster-require-full-coverage is yes"))
            for master in cluster.masters { #expect(lines[0].contains(":\(master.port)")) }
            for node in cluster.nodes { try await node.command("CONFIG", "SET", "cluster-require-full-coverage", "no") }
            #expect(try await findings(url: cluster.url).isEmpty)
        }
    }

    /// What is logged when a collection's owners are used twice, after it was used without them.
    private func findings(url: String) async throws -> [String] {
        let log = RecordedFindings()
        try await withClient(url: url, configure: { $0.logger = log.logger }) { client in
            let models = try RedisCollection(client: client, prefix: "test:", name: "models")
            _ = try await models.fetch(ModelID(1))
            #expect(!client.serverCheck.isBegun)
            for _ in 0..<2 { _ = try await models.ownership(of: Self.owner) }
            try await waitUntil { client.serverCheck.isOver }
            _ = try await models.ownership(of: Self.owner)
        }
        return log.lines
    }
}

private final class RecordedFindings: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

    private struct Handler: LogHandler {
        let recorder: RecordedFindings
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.notice

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.recorded.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
