import HiredisClient
import Logging
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

@Suite("Eviction policies of Redis")
struct EvictionCheckTests {
    private static let owner = OwnerID(unchecked: "alice")

    @Test(
        "D14 A policy by which revocations may miss models is warned of once, at the first use of owners",
        .timeLimit(.minutes(1)),
        arguments: [
            ("noeviction", false), ("volatile-ttl", false), ("volatile-lru", true), ("volatile-lfu", true),
            ("volatile-random", true), ("allkeys-lru", true), ("allkeys-lfu", true), ("allkeys-random", true),
        ])
    func policies(_ policy: String, isWarnedOf: Bool) async throws {
        try await withRedisServer(arguments: ["--maxmemory-policy", policy]) { server in
            let lines = try await warnings(url: server.url, server)
            #expect(lines.count == (isWarnedOf ? 1 : 0))
            if isWarnedOf { #expect(lines[0].contains(policy) && lines[0].contains("maxmemory-policy")) }
        }
    }

    @Test(
        "D14 A user who may not ask for it is told nothing; one who may ask in one of two ways is",
        .timeLimit(.minutes(1)),
        arguments: [(["-info", "-config"], 0), (["-info"], 1), (["-config"], 1)])
    func permissions(_ denied: [String], count: Int) async throws {
        try await withRedisServer(arguments: ["--maxmemory-policy", "allkeys-lru"]) { server in
            try await server.commands([["ACL", "SETUSER", "app", "on", ">pw", "~*", "&*", "+@all"] + denied])
            let lines = try await warnings(url: "redis://app:pw@127.0.0.1:\(server.port)", server)
            #expect(lines.count == count)
        }
    }

    /// What is logged of a collection whose owners are used twice, after it was used without them.
    private func warnings(url: String, _ server: RedisTestServer) async throws -> [String] {
        let log = RecordedWarnings()
        try await withClient(url: url, configure: { $0.logger = log.logger }) { client in
            let models = try RedisCollection(client: client, prefix: "test:", name: "models")
            _ = try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
            #expect(!models.evictionCheck.isBegun)
            for id in [ModelID(1), ModelID(2)] {
                _ = try await models.renew(id, of: Self.owner, epoch: 0, expires: nil)
            }
            while !models.evictionCheck.isOver {
                try await Task.sleep(for: .milliseconds(2))
            }
            _ = try await models.ownership(of: Self.owner)
        }
        return log.lines
    }
}

private final class RecordedWarnings: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(recorder: self) } }

    private struct Handler: LogHandler {
        let recorder: RecordedWarnings
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.warning

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            recorder.recorded.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
