import HiredisClient
import Logging
import Modeler
import ModelerRedis
import RedisTestServer
import Testing

@testable import Sess

/// The interval is so long that nothing is seen by asking in it.
@Suite("Ends on other servers, told by Redis")
struct EndsElsewhereTests {
    /// Runs `body` with two servers of a site, each with connections of its own.
    private func withServers(
        waiting: Duration = .seconds(5),
        _ body: ([UsersApp], RedisTestServer) async throws -> Void
    ) async throws {
        try await withRedisServer { server in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.logger.logLevel = .critical
            configuration.disconnectedWait = waiting
            configuration.commandTimeout = .seconds(20)
            let clients = try (0..<2).map { _ in try RedisClient(configuration: configuration) }
            do {
                let apps = try clients.map { client in
                    try UsersApp(RedisCollection(client: client, prefix: "users:", name: "sessions"), count: 1)
                }
                try await body(apps, server)
            } catch {
                for client in clients { await client.shutdown() }
                throw error
            }
            for client in clients { await client.shutdown() }
        }
    }

    @Test("A sign-out and a revocation on another server are told without asking in between", .timeLimit(.minutes(1)))
    func told() async throws {
        try await withServers { apps, server in
            let client = try await apps[0].signedIn("alice")
            let id = try await apps[0].visit(client) { $0.id }
            let others = try await apps[0].visit(apps[0].signedIn("alice")) { $0.id }
            let signedOut = apps[0].manager.endEvents(of: id, pollingEvery: .seconds(600))
            let revoked = apps[0].manager.endEvents(of: others, pollingEvery: .seconds(600))
            try await subscribed(server, 2)
            let before = try await reads(server)
            try await Task.sleep(for: .milliseconds(100))
            // A look each as the subscription began may be under way.
            #expect(try await reads(server) <= before + 2)
            try await apps[1].visit(client) { try await $0.signOut() }
            #expect(await signedOut.first { _ in true } == .elsewhere)
            try await apps[1].manager.revokeAll(of: "alice")
            #expect(await revoked.first { _ in true } == .elsewhere)
            try await subscribed(server, 0)
        }
    }

    @Test("An end while the subscription was lost is not missed", .timeLimit(.minutes(1)))
    func reconnects() async throws {
        try await withServers { apps, server in
            let id = try await apps[0].visit(apps[0].signedIn("alice")) { $0.id }
            let ends = apps[0].manager.endEvents(of: id, pollingEvery: .seconds(600))
            try await subscribed(server, 1)
            // Nobody publishes this removal, and the watcher isn't there to hear anything.
            try await server.commands([
                ["MULTI"], ["CLIENT", "KILL", "TYPE", "pubsub"], ["DEL", "users:sessions:\(id)"], ["EXEC"],
            ])
            #expect(await ends.first { _ in true } == .elsewhere)
        }
    }

    @Test("An end that no look could see, as the store was down, is seen once it is back", .timeLimit(.minutes(1)))
    func looksAfterReconnect() async throws {
        try await withServers(waiting: .milliseconds(50)) { apps, server in
            let (failed, isFailed) = AsyncStream<Void>.makeStream()
            let watching = try UsersApp(apps[0].store, count: 1) { options in
                options.onEvent = { if case .storeUnavailable = $0 { isFailed.yield() } }
            }
            let id = try await watching.visit(watching.signedIn("alice")) { $0.id }
            let ends = watching.manager.endEvents(of: id, pollingEvery: .seconds(600))
            try await subscribed(server, 1)
            // The server's memory was all that had the session. The look that follows the loss finds no server.
            try await server.kill()
            for await _ in failed { break }
            try await server.start()
            #expect(await ends.first { _ in true } == .elsewhere)
        }
    }

    @Test("An expiry is told when it comes; a foreign message ends nothing", .timeLimit(.minutes(1)))
    func expiry() async throws {
        try await withServers { apps, server in
            let brief = try UsersApp(apps[0].store, count: 1) { $0.timeouts.expiry = Expiry(idle: .milliseconds(700)) }
            let id = try await brief.visit(brief.signedIn("alice")) { $0.id }
            let ends = brief.manager.endEvents(of: id, pollingEvery: .seconds(600))
            try await subscribed(server, 1)
            try await server.command("PUBLISH", "users:sessions:\(id)", "removed")
            #expect(await ends.first { _ in true } == .elsewhere)
            #expect(try await apps[1].store.fetch(id) == nil)
        }
    }

    /// Waits until so many channels are subscribed.
    private func subscribed(_ server: RedisTestServer, _ count: Int) async throws {
        while true {
            if case .array(let channels) = try await server.command("PUBSUB", "CHANNELS"), channels.count == count {
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// How often a whole record was read.
    private func reads(_ server: RedisTestServer) async throws -> Int {
        let text = try await server.command("INFO", "commandstats").text ?? ""
        guard let line = text.split(separator: "\r\n").first(where: { $0.hasPrefix("cmdstat_hgetall:calls=") }) else {
            return 0
        }
        return line.dropFirst("cmdstat_hgetall:calls=".count).prefix { $0 != "," }.description.asInteger
    }
}

extension String {
    fileprivate var asInteger: Int { Int(self) ?? -1 }
}
