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
    /// The file that the sessions are in, if they are in one.
    var path: String?

    /// Runs `body` with a collection of its own on the same sessions, as another server of the site has one: another
    /// connection to Redis, or to the file. Memory has one collection.
    func withSecondWay(_ body: (any OwnershipCollection) async throws -> Void) async throws {
        if let server {
            try await Self.withRedis(server, body)
        } else if let path {
            try await Self.withFile(path, body)
        } else {
            try await body(sessions)
        }
    }

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
            try await withFile(path) { try await body(UserStore(sessions: $0, server: nil, path: path)) }
        case .redis:
            try await withRedisServer(arguments: arguments) { server in
                try await prepare(server)
                try await withRedis(server) { try await body(UserStore(sessions: $0, server: server)) }
            }
        }
    }

    private static func withFile(_ path: String, _ body: (SQLiteCollection) async throws -> Void) async throws {
        let settings = SQLiteSettings(durability: .normal, timeout: .seconds(60))
        let sessions = try SQLiteCollection(path: path, name: "sessions", settings: settings)
        do {
            try await body(sessions)
        } catch {
            await sessions.file.close()
            throw error
        }
        await sessions.file.close()
    }

    private static func withRedis(
        _ server: RedisTestServer, _ body: (RedisCollection) async throws -> Void
    ) async throws {
        var configuration = try RedisConfiguration(url: server.url)
        configuration.logger.logLevel = .critical
        configuration.disconnectedWait = .seconds(5)
        configuration.connectTimeout = .seconds(5)
        configuration.commandTimeout = .seconds(20)
        let client = try RedisClient(configuration: configuration)
        do {
            try await body(RedisCollection(client: client, prefix: "users:", name: "sessions"))
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
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
