import Configuration
import HiredisClient
import HiredisClientConfiguration
import Logging
import Modeler
import ModelerRedis
import ModelerSQLite
import ModelerSQLiteConfiguration
import NIOCore
import ServiceLifecycle
import SessConfiguration

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

    /// Reads `memory`, `sqlite:` and a path, or a URL of Redis; `sqlite` and `redis` are those of the configuration.
    ///
    /// - Parameters:
    ///   - text: What the option says.
    ///   - prefix: What Redis's keys begin with.
    ///   - config: Where all other settings of the store are read.
    ///   - eventLoopGroup: Where the server's connections live, and Redis's with them.
    init(_ text: String, prefix: String, config: ConfigReader, eventLoopGroup: any EventLoopGroup) throws {
        if text == "memory" {
            kind = "memory"
            sessions = MemoryCollection(name: "sessions", limits: try .init(config: config))
            services = []
            ping = nil
        } else if text == "sqlite" || text.hasPrefix(Self.sqlitePrefix) {
            let file =
                text == "sqlite"
                ? try SQLiteFile(config: config)
                : try SQLiteFile(
                    path: String(text.dropFirst(Self.sqlitePrefix.count)), settings: SQLiteSettings(config: config))
            let collection = try SQLiteCollection(file: file, name: "sessions")
            kind = "sqlite"
            sessions = collection
            services = [SQLiteFileService(file: collection.file)]
            ping = { try await collection.file.check() }
        } else {
            var configuration =
                text == "redis" ? try RedisConfiguration(config: config) : try RedisConfiguration(url: text)
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
