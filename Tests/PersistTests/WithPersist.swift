import Foundation
import HiredisClient
import Hummingbird
import PersistRedis
import PersistSQLite
import RedisTestServer

/// The drivers that behave alike.
enum DriverKind: String, CaseIterable, Sendable {
    case memory, redis, sqlite
}

/// Runs `body` with an empty driver of a kind.
func withPersist(_ kind: DriverKind, _ body: (any PersistDriver) async throws -> Void) async throws {
    switch kind {
    case .memory: try await body(MemoryPersistDriver())
    case .redis: try await withRedisPersist { persist, _ in try await body(persist) }
    case .sqlite: try await withFile { try await body(try SQLitePersist(path: $0)) }
    }
}

/// Runs `body` with a driver on a fresh `redis-server`.
func withRedisPersist(_ body: (RedisPersist, RedisTestServer) async throws -> Void) async throws {
    try await withRedisServer { server in
        var configuration = try RedisConfiguration(url: server.url)
        configuration.commandTimeout = .seconds(20)
        let client = try RedisClient(configuration: configuration)
        do {
            try await body(RedisPersist(client: client, prefix: "app:"), server)
            await client.shutdown()
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

/// Runs `body` with the path of a file in a directory that is gone afterwards.
func withFile(_ body: (String) async throws -> Void) async throws {
    let directory = NSTemporaryDirectory() + "/persist-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory + "/persist.sqlite")
}
