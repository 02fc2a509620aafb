import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Signals of models' ends from Redis")
struct EndSignalTests {
    private func inserted(_ models: RedisCollection) async throws -> ModelID {
        let id = ModelID.random()
        _ = try await models.insert(NewModel(id: id, fields: []), expiry: Expiry(idle: .seconds(600)))
        return id
    }

    @Test("A removal by another client is told; other models' are not", .timeLimit(.minutes(1)))
    func told() async throws {
        try await withCollection { models, server in
            try await withClient(url: server.url) { client in
                let others = try RedisCollection(client: client, prefix: "test:", name: "models")
                let id = try await inserted(models)
                var signals = models.endSignals(of: id).makeAsyncIterator()
                #expect(await signals.next() == .told)
                try await others.remove(inserted(others))
                #expect(try await others.remove(id))
                #expect(await signals.next() == .told)
                #expect(try await models.fetch(id) == nil)
                // A second removal finds nothing, and tells nothing.
                #expect(try await !others.remove(id))
            }
        }
    }

    @Test("A connection that is lost is told, and so is the one after it", .timeLimit(.minutes(1)))
    func lost() async throws {
        try await withCollection { models, server in
            let id = try await inserted(models)
            var signals = models.endSignals(of: id).makeAsyncIterator()
            #expect(await signals.next() == .told)
            try await server.command("CLIENT", "KILL", "TYPE", "pubsub")
            var last = await signals.next()
            // Both may have come since.
            if last == .untold { last = await signals.next() }
            #expect(last == .told)
            try await server.kill()
            last = await signals.next()
            #expect(last == .untold)
        }
    }

    @Test("A shutdown of the client ends the streams", .timeLimit(.minutes(1)))
    func shutdown() async throws {
        try await withCollection { models, _ in
            let id = try await inserted(models)
            var signals = models.endSignals(of: id).makeAsyncIterator()
            #expect(await signals.next() == .told)
            await models.client.shutdown()
            #expect(await signals.next() == .untold)
            #expect(await signals.next() == nil)
        }
    }

    @Test("A user who may neither publish nor subscribe removes as before", .timeLimit(.minutes(1)))
    func withoutPermission() async throws {
        try await withRedisServer { server in
            try await server.command("ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "resetchannels")
            let url = "redis://app:pw@127.0.0.1:\(server.port)"
            try await withClient(url: url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                let id = try await inserted(models)
                var signals = models.endSignals(of: id).makeAsyncIterator()
                #expect(await signals.next() == .untold)
                #expect(try await models.remove(id))
                #expect(try await models.fetch(id) == nil)
            }
        }
    }

    @Test("What nobody waits for any more is not subscribed, and nothing is after a shutdown", .timeLimit(.minutes(1)))
    func unsubscribes() async throws {
        try await withCollection { models, server in
            let id = try await inserted(models)
            do {
                var first = models.endSignals(of: id).makeAsyncIterator()
                var second = models.endSignals(of: id).makeAsyncIterator()
                #expect(await first.next() == .told)
                #expect(await second.next() == .told)
                #expect(try await Self.channels(server) == ["test:models:\(id)"])
            }
            while try await !Self.channels(server).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            await models.client.shutdown()
            var late = models.endSignals(of: id).makeAsyncIterator()
            #expect(await late.next() == .untold)
            #expect(await late.next() == nil)
        }
    }

    private static func channels(_ server: RedisTestServer) async throws -> [String] {
        guard case .array(let channels) = try await server.command("PUBSUB", "CHANNELS") else { return [] }
        return channels.compactMap(\.text)
    }
}
