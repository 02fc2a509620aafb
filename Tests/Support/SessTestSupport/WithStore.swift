public import HiredisClient
public import Modeler
import ModelerRedis
import ModelerSQLite
public import RedisTestServer

/// A store under test, and the server beneath it if there is one.
public struct TestStore: Sendable {
    public let sessions: any ModelCollection
    public let server: RedisTestServer?
    public let client: RedisClient?
    /// Has the store fail from here on; `nil` where nothing can.
    public let breakDown: (@Sendable () async throws -> Void)?
}

/// Runs `body` with an empty store of a kind.
public func withStore<Result>(
    _ kind: StoreKind,
    _ body: (TestStore) async throws -> Result
) async throws -> Result {
    try await TestSlots.shared.hold { try await withOpenStore(kind, body) }
}

private func withOpenStore<Result>(
    _ kind: StoreKind,
    _ body: (TestStore) async throws -> Result
) async throws -> Result {
    switch kind {
    case .memory:
        return try await body(
            TestStore(sessions: MemoryCollection(name: "sessions"), server: nil, client: nil, breakDown: nil))
    case .sqlite:
        return try await withTemporaryDirectory { directory in
            let collection = try SQLiteCollection(path: directory + "/sessions.sqlite", name: "sessions")
            do {
                let result = try await body(
                    TestStore(
                        sessions: collection, server: nil, client: nil, breakDown: { await collection.file.close() }))
                await collection.file.close()
                return result
            } catch {
                await collection.file.close()
                throw error
            }
        }
    case .redis:
        return try await withRedisServer { server in
            let client = try RedisClient(url: server.url)
            let sessions = try RedisCollection(client: client, prefix: StoreKind.prefix, name: "sessions")
            do {
                try await eventually {
                    try await client.ping()
                    return true
                }
                let result = try await body(
                    TestStore(
                        sessions: sessions, server: server, client: client, breakDown: { try await server.stop() }))
                await client.shutdown()
                return result
            } catch {
                await client.shutdown()
                throw error
            }
        }
    }
}
