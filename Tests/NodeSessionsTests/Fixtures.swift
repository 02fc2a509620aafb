import Foundation
import HiredisClient
import NodeSessions
import RedisTestServer

/// Bytes that express-session 1.18 with connect-redis 5 to 9, and sess 0.1 with modeler-redis 0.3, were seen to write.
enum Fixtures {
    struct Signing: Decodable, Sendable {
        let value: String
        let secret: String
        let cookieValue: String
    }

    struct Acceptance: Decodable, Sendable {
        struct Case: Decodable, Sendable {
            let `case`: String
            let cookie: String
            let accepted: Bool?
        }
        let secrets: [String]
        let cases: [Case]
    }

    struct Record: Decodable, Sendable {
        let `case`: String
        let step: String
        let secrets: [String]
        let cookieName: String
        let setCookie: String?
        let key: String
        let prefix: String
        let value: String
        let ttl: Int

        var id: String { String(key.dropFirst(prefix.count)) }
    }

    struct ModelerRecord: Decodable, Sendable {
        let step: String
        let prefix: String
        let name: String
        let key: String
        let value: String

        var id: String { String(key.dropFirst(prefix.count + name.count + 1)) }
    }

    struct Hydration: Decodable, Sendable {
        let js: String
        /// None where the package throws.
        let stored: String?
    }

    static func read<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        let path = directory(#filePath) + "/Fixtures/" + name
        return try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    static func directory(_ file: String) -> String {
        URL(fileURLWithPath: file).deletingLastPathComponent().path
    }
}

/// Runs `body` with Express's sessions on a fresh `redis-server`.
func withSessions(
    lifetime: Int? = 86_400, _ body: (ExpressSessions, RedisTestServer) async throws -> Void
) async throws {
    try await withServer { client, server in
        try await body(ExpressSessions(client: client, lifetime: lifetime), server)
    }
}

/// Runs `body` with a client of a fresh `redis-server`.
func withServer(_ body: (RedisClient, RedisTestServer) async throws -> Void) async throws {
    try await withRedisServer { server in
        var configuration = try RedisConfiguration(url: server.url)
        configuration.commandTimeout = .seconds(60)
        let client = try RedisClient(configuration: configuration)
        do {
            try await body(client, server)
            await client.shutdown()
        } catch {
            await client.shutdown()
            throw error
        }
    }
}
