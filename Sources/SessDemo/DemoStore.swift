import HiredisClient
import Logging
import Modeler
import ModelerRedis
import ServiceLifecycle

/// The store that the command line names.
struct DemoStore: Sendable {
    /// A short name without addresses or passwords.
    let kind: String
    /// The collection of sessions.
    let sessions: any ModelCollection
    /// What has to run beside the server.
    let services: [any Service]
    private let redis: RedisClient?

    /// Reads `memory`, or a URL of Redis.
    init(_ text: String, prefix: String) throws {
        if text == "memory" {
            kind = "memory"
            sessions = MemoryCollection(name: "sessions")
            services = []
            redis = nil
            return
        }
        let client = try RedisClient(url: text)
        kind = "redis"
        sessions = try RedisCollection(client: client, prefix: prefix, name: "sessions")
        services = [client]
        redis = client
    }

    /// Whether the store answers now; otherwise why not.
    func problem() async -> String? {
        guard let redis else { return nil }
        do {
            try await redis.ping()
            return nil
        } catch {
            return "\(error.code)"
        }
    }
}
