import HiredisClient
import Logging
import Modeler
import ModelerRedis
import RedisTestServer
import Testing

@testable import Sess

/// Ends that a Redis's replicas are to confirm.
@Suite struct ConfirmedEndTests {
    private func withApp(
        _ server: RedisTestServer, _ body: (UsersApp) async throws -> Void
    ) async throws {
        var configuration = try RedisConfiguration(url: server.url)
        configuration.logger.logLevel = .critical
        configuration.connectTimeout = .seconds(5)
        configuration.durability = .replicated(within: .milliseconds(100))
        let client = try RedisClient(configuration: configuration)
        do {
            try await body(try UsersApp(try RedisCollection(client: client, name: "sessions")))
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }

    @Test("D12 Whoever ends sessions learns that no replica has confirmed it; everything has happened all the same")
    func unconfirmed() async throws {
        try await withRedisServer { server in
            try await withApp(server) { app in
                let client = try await app.signedIn("alice")
                let other = try await app.signedIn("alice")
                #expect(try await app.users(at: client) == ["alice", "alice"])
                let token = client.cookie
                try await app.visit(client) { try await $0.rotate() }
                #expect(client.cookie != token)
                let others = try await app.visit(client) { try await app.manager.revokeOthers(than: $0) }
                #expect(others == .endedUnconfirmed)
                #expect(try await app.users(at: other) == [nil, nil])
                #expect(try await app.visit(client) { try await $0.destroy() } == .endedUnconfirmed)
                #expect(try await app.users(at: client) == [nil, nil])
                let third = try await app.signedIn("alice")
                #expect(try await app.manager.revokeAll(of: "alice") == .endedUnconfirmed)
                #expect(try await app.users(at: third) == [nil, nil])
            }
        }
    }

    @Test("D12 With a replica that confirms, an end lasts; and on a store that isn't set to wait an end is an end")
    func confirmed() async throws {
        try await withRedisServer(arguments: ["--repl-diskless-sync-delay", "0"]) { server in
            try await withRedisServer(arguments: ["--replicaof", "127.0.0.1 \(server.port)"]) { _ in
                try await waitUntil {
                    let replies = try await server.commands(
                        [["SET", "a", "1"], ["WAIT", "1", "1000"], ["SET", "a", "2"], ["WAIT", "1", "100"]])
                    return replies[3].integer == 1
                }
                try await withApp(server) { app in
                    try await Self.end(in: app)
                }
            }
            try await Self.end(in: try UsersApp(MemoryCollection(name: "sessions")))
        }
    }

    private static func end(in app: UsersApp) async throws {
        let client = try await app.signedIn("alice")
        let other = try await app.signedIn("alice")
        #expect(try await app.visit(client) { try await app.manager.revokeOthers(than: $0) } == .ended)
        #expect(try await app.visit(client) { try await $0.destroy() } == .ended)
        #expect(try await app.manager.revokeAll(of: "alice") == .ended)
        #expect(try await app.users(at: other) == [nil, nil])
        #expect(try await app.users(at: client) == [nil, nil])
    }
}
