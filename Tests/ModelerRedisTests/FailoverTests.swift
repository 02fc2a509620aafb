import HiredisClient
import Logging
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

@Suite("A failover behind one address")
struct FailoverTests {
    @Test(
        "D12 A replica is promoted: writes are back within a second, and nothing is read from the old master",
        .timeLimit(.minutes(1)))
    func promotion() async throws {
        try await withPair { models, master, replica, current in
            try await insert(models, replica)
            try await replica.command("REPLICAOF", "NO", "ONE")
            current.withLock { $0 = replica.port }
            try await master.command("REPLICAOF", "127.0.0.1", "\(replica.port)")
            try await replica.command("HSET", "test:models:1", "only-here", "1:1")
            let start = ContinuousClock.now
            var endings: [String] = []
            while ContinuousClock.now - start < .seconds(10) {
                do throws(ModelError) {
                    let commit = try await models.commit(Change([.init("a", .increment(by: 1))]), to: ModelID(1)).commit
                    if commit != nil { break }
                } catch {
                    endings.append("\(error.code)")
                }
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(ContinuousClock.now - start < .seconds(1), "\(endings)")
            #expect(try await models.fetch(ModelID(1))?.fields["only-here"] != nil)
        }
    }

    @Test(
        "D12 Reads alone notice that their master was demoted, too",
        .timeLimit(.minutes(1)))
    func readers() async throws {
        try await withPair { models, master, replica, current in
            try await insert(models, replica)
            #expect(try await models.fetch(ModelID(1)) != nil)
            try await replica.command("REPLICAOF", "NO", "ONE")
            current.withLock { $0 = replica.port }
            // Nobody is at that port: it keeps what it has.
            try await master.command("REPLICAOF", "127.0.0.1", "1")
            try await replica.command("HSET", "test:models:1", "only-here", "1:1")
            // The connection's interval of checks has passed.
            try await Task.sleep(for: .milliseconds(5))
            #expect(try await models.fetch(ModelID(1))?.fields["only-here"] != nil)
        }
    }

    @Test(
        "D12 What a script runs into is told apart on every version",
        .timeLimit(.minutes(1)))
    func kinds() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                _ = try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
                func code() async -> ModelError.Code? {
                    let error = await #expect(throws: ModelError.self) {
                        try await models.commit(Change([.init("a", .increment(by: 1))]), to: ModelID(1))
                    }
                    return error?.code
                }
                try await server.command("CONFIG", "SET", "maxmemory", "1")
                #expect(await code() == .full)
                try await server.command("CONFIG", "SET", "maxmemory", "0")
                try await server.command("REPLICAOF", "127.0.0.1", "1")
                #expect(await code() == .unavailable)
                try await server.command("REPLICAOF", "NO", "ONE")
                try await server.command(
                    "ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-hset", "-hget", "-hmget", "-time")
                try await withClient(url: "redis://app:pw@127.0.0.1:\(server.port)") { client in
                    let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                    let error = await #expect(throws: ModelError.self) {
                        try await models.commit(Change([.init("a", .increment(by: 1))]), to: ModelID(1))
                    }
                    #expect(error?.code == .misconfigured)
                }
            }
        }
    }

    private func insert(_ models: RedisCollection, _ replica: RedisTestServer) async throws {
        _ = try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
        while try await replica.command("DBSIZE") != .integer(1) { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Runs `body` with a collection behind an address whose new connections go to the port that the last parameter
    /// has: at first the master's.
    private func withPair(
        _ body: (RedisCollection, RedisTestServer, RedisTestServer, borrowing Mutex<Int>) async throws -> Void
    ) async throws {
        try await withRedisServer(arguments: ["--repl-diskless-sync-delay", "0"]) { master in
            try await withRedisServer { replica in
                try await replica.command("REPLICAOF", "127.0.0.1", "\(master.port)")
                let current = CurrentPort(master.port)
                try await withByteProxy(to: current.port.withLock { $0 }) { _ in
                    ProxyRules()
                } _: { port in
                    var configuration = try RedisConfiguration(url: "redis://127.0.0.1:\(port)")
                    configuration.logger.logLevel = .critical
                    let client = try RedisClient(configuration: configuration)
                    let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                    try await body(models, master, replica, current.port)
                    await client.shutdown()
                }
            }
        }
    }
}

/// The port that new connections go to.
private final class CurrentPort: Sendable {
    let port: Mutex<Int>

    init(_ port: Int) { self.port = Mutex(port) }
}
