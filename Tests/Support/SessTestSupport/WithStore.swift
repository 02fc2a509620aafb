public import HiredisClient
public import Logging
public import Modeler
import ModelerRedis
import ModelerSQLite
public import RedisTestServer

/// A store under test, and the server beneath it if there is one.
public struct TestStore: Sendable {
    public let sessions: any ModelCollection
    public let server: RedisTestServer?
    public let client: RedisClient?
    /// Where the store keeps its files, if it has any.
    public let directory: String?
    /// Has the store fail from here on; `nil` where nothing can.
    public let breakDown: (@Sendable () async throws -> Void)?

    public init(
        sessions: any ModelCollection,
        server: RedisTestServer? = nil,
        client: RedisClient? = nil,
        directory: String? = nil,
        breakDown: (@Sendable () async throws -> Void)? = nil
    ) {
        self.sessions = sessions
        self.server = server
        self.client = client
        self.directory = directory
        self.breakDown = breakDown
    }
}

/// Runs `body` with an empty store of a kind.
///
/// - Parameters:
///   - logger: Where the store's client logs, if it has one; as the client's own default unless stated.
///   - redis: Further arguments of `redis-server`.
///   - prepare: Runs once the server is there, before anybody uses it.
public func withStore<Result>(
    _ kind: StoreKind,
    logger: Logger? = nil,
    redis: [String] = [],
    prepare: (RedisTestServer) async throws -> Void = { _ in },
    _ body: (TestStore) async throws -> Result
) async throws -> Result {
    try await TestSlots.shared.hold { try await withOpenStore(kind, logger, redis, prepare, body) }
}

private func withOpenStore<Result>(
    _ kind: StoreKind,
    _ logger: Logger?,
    _ arguments: [String],
    _ prepare: (RedisTestServer) async throws -> Void,
    _ body: (TestStore) async throws -> Result
) async throws -> Result {
    switch kind {
    case .memory:
        return try await body(
            TestStore(sessions: MemoryCollection(name: "sessions")))
    case .sqlite:
        return try await withTemporaryDirectory { directory in
            let collection = try SQLiteCollection(
                path: directory + "/sessions.sqlite", name: "sessions", settings: patientSettings)
            do {
                let result = try await body(
                    TestStore(
                        sessions: collection, directory: directory, breakDown: { await collection.file.close() }))
                await collection.file.close()
                return result
            } catch {
                await collection.file.close()
                throw error
            }
        }
    case .redis:
        return try await withRedisServer(arguments: arguments) { server in
            try await prepare(server)
            return try await withStore(on: server, logger: logger, body)
        }
    }
}

/// Runs `body` with a store on a Redis server that runs already, and is somebody else's to stop.
public func withStore<Result>(
    on server: RedisTestServer,
    logger: Logger? = nil,
    _ body: (TestStore) async throws -> Result
) async throws -> Result {
    var configuration = try patientConfiguration(of: server)
    if let logger { configuration.logger = logger }
    let client = try RedisClient(configuration: configuration)
    let sessions = try RedisCollection(client: client, prefix: StoreKind.prefix, name: "sessions")
    do {
        try await eventually {
            try await client.ping()
            return true
        }
        let result = try await body(
            TestStore(
                sessions: sessions, server: server, client: client, directory: server.directory,
                breakDown: { try await server.stop() }))
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

// On a machine that does much besides a store answers late, and that is no fault of the store.

let patientSettings = SQLiteSettings(timeout: .seconds(60))

func patientConfiguration(of server: RedisTestServer) throws -> RedisConfiguration {
    var configuration = try RedisConfiguration(url: server.url)
    configuration.connectTimeout = .seconds(5)
    configuration.commandTimeout = .seconds(20)
    configuration.stallTimeout = .seconds(25)
    return configuration
}
