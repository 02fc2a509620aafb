import HiredisClient
import Logging
import Modeler
import RedisTestServer

@testable import ModelerRedis

/// Runs `body` with a collection on a fresh `redis-server`.
func withCollection<Result>(
    prefix: String = "test:",
    name: String = "models",
    arguments: [String] = [],
    _ body: (RedisCollection, RedisTestServer) async throws -> Result
) async throws -> Result {
    try await withRedisServer(arguments: arguments) { server in
        try await withClient(url: server.url) { client in
            try await body(try RedisCollection(client: client, prefix: prefix, name: name), server)
        }
    }
}

/// Runs `body` with a client that is shut down afterwards.
func withClient<Result>(
    url: String,
    configure: (inout RedisConfiguration) -> Void = { _ in },
    _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    var configuration = try RedisConfiguration(url: url)
    configuration.logger.logLevel = .critical
    // A busy machine may take long; tests of waits set their own.
    configuration.disconnectedWait = .seconds(5)
    configuration.connectTimeout = .seconds(5)
    configuration.commandTimeout = .seconds(20)
    // ROLE would be in the way of what tests do with replies.
    configuration.roleCheckInterval = .seconds(600)
    configure(&configuration)
    let client = try RedisClient(configuration: configuration)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

extension EncodedJSON {
    /// JSON that the test has written itself.
    init(text: StaticString) {
        self.init(unchecked: Array(text.description.utf8)[...])
    }
}

extension InsertOutcome {
    var commit: Commit? { if case .inserted(let commit) = self { commit } else { nil } }
}

extension RemoveOutcome {
    var isRemoved: Bool { if case .removed = self { true } else { false } }
    var isGone: Bool { if case .gone = self { true } else { false } }
    var conflict: Model? { if case .conflict(let model) = self { model } else { nil } }
}

extension CommitOutcome {
    var commit: Commit? { if case .committed(let commit) = self { commit } else { nil } }
    var isGone: Bool { if case .gone = self { true } else { false } }
    var conflict: Model? { if case .conflict(let model) = self { model } else { nil } }
}

extension RedisTestServer {
    /// The fields of a hash.
    func hash(_ key: String) async throws -> [String: String] {
        guard case .array(let elements) = try await command("HGETALL", key) else { return [:] }
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: elements.count, by: 2) {
            fields[elements[index].text ?? ""] = elements[index + 1].text
        }
        return fields
    }
}
