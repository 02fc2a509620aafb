import HiredisClient
import Logging
import Modeler
import ModelerRedis
import ModelerSQLite
import NIOCore
import ServiceLifecycle

/// The store that the command line names.
struct DemoStore: Sendable {
    /// A short name without addresses or passwords.
    let kind: String
    /// The collection of sessions.
    let sessions: any ModelCollection
    /// What has to run beside the server.
    let services: [any Service]
    /// Asks the store something; `nil` for one that is always there.
    private let ping: (@Sendable () async throws -> Void)?

    /// Reads `memory`, `sqlite:` and a path, or a URL of Redis.
    ///
    /// - Parameter eventLoopGroup: Where the server's connections live, and Redis's with them.
    init(_ text: String, prefix: String, eventLoopGroup: any EventLoopGroup) throws {
        if text == "memory" {
            kind = "memory"
            sessions = MemoryCollection(name: "sessions")
            services = []
            ping = nil
        } else if text.hasPrefix(Self.sqlitePrefix) {
            let path = String(text.dropFirst(Self.sqlitePrefix.count))
            let collection = try SQLiteCollection(path: path, name: "sessions")
            kind = "sqlite"
            sessions = collection
            services = [SQLiteFileService(file: collection.file)]
            ping = { try await collection.file.check() }
        } else {
            var configuration = try RedisConfiguration(url: text)
            // One for each event loop, so that no request changes threads to reach its session.
            configuration.connections = System.coreCount
            let client = try RedisClient(configuration: configuration, eventLoopGroup: eventLoopGroup)
            kind = "redis"
            sessions = try RedisCollection(client: client, prefix: prefix, name: "sessions")
            services = [client]
            ping = { try await client.ping() }
        }
    }

    /// Whether the store's connections live on the server's event loops.
    var livesOnEventLoops: Bool { kind == "redis" }

    private static let sqlitePrefix = "sqlite:"

    /// Whether the store answers now; otherwise why not.
    func problem() async -> String? {
        do {
            try await ping?()
            return nil
        } catch let error as RedisError {
            return "\(error.code)"
        } catch let error as ModelError {
            return "\(error.code)"
        } catch {
            return "unknown"
        }
    }
}
