import Foundation
import HiredisClient
import Logging
import Modeler
import ModelerRedis
import ModelerSQLite
import RedisTestServer

/// The stores that the tests of users run over.
enum UserStoreKind: String, Sendable, CaseIterable {
    case memory
    case sqlite
    case redis
}

/// A store of a test, and the server beneath it if there is one.
struct UserStore: Sendable {
    let sessions: any OwnershipCollection
    let server: RedisTestServer?

    /// Runs `body` with an empty store.
    static func with(
        _ kind: UserStoreKind,
        arguments: [String] = [],
        prepare: (RedisTestServer) async throws -> Void = { _ in },
        _ body: (UserStore) async throws -> Void
    ) async throws {
        switch kind {
        case .memory:
            try await body(UserStore(sessions: MemoryCollection(name: "sessions"), server: nil))
        case .sqlite:
            let path = NSTemporaryDirectory() + "/users-\(UUID().uuidString.prefix(8)).sqlite"
            defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
            let settings = SQLiteSettings(durability: .normal, timeout: .seconds(60))
            let sessions = try SQLiteCollection(path: path, name: "sessions", settings: settings)
            do {
                try await body(UserStore(sessions: sessions, server: nil))
            } catch {
                await sessions.file.close()
                throw error
            }
            await sessions.file.close()
        case .redis:
            try await withRedisServer(arguments: arguments) { server in
                try await prepare(server)
                var configuration = try RedisConfiguration(url: server.url)
                configuration.logger.logLevel = .critical
                configuration.disconnectedWait = .seconds(5)
                configuration.connectTimeout = .seconds(5)
                configuration.commandTimeout = .seconds(20)
                let client = try RedisClient(configuration: configuration)
                let sessions = try RedisCollection(client: client, prefix: "users:", name: "sessions")
                do {
                    try await body(UserStore(sessions: sessions, server: server))
                } catch {
                    await client.shutdown()
                    throw error
                }
                await client.shutdown()
            }
        }
    }
}

extension RedisTestServer {
    /// Every key with the milliseconds it has left, -1 for no end.
    func keys() async throws -> [(key: String, remaining: Int)] {
        guard case .array(let found) = try await command("KEYS", "*") else { return [] }
        var keys: [(key: String, remaining: Int)] = []
        for key in found.compactMap(\.text) {
            let remaining = try await command("PTTL", key).integer ?? -2
            // -2: it has expired or was removed since.
            if remaining != -2 { keys.append((key, remaining)) }
        }
        return keys
    }
}
