import HiredisClient
import Logging
import Modeler
import ModelerRedis
import ModelerSQLite
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
    init(_ text: String, prefix: String) throws {
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
            ping = { _ = try await collection.fetch(ModelID("health")) }
        } else {
            let client = try RedisClient(url: text)
            kind = "redis"
            sessions = try RedisCollection(client: client, prefix: prefix, name: "sessions")
            services = [client]
            ping = { try await client.ping() }
        }
    }

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
