import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Testing

/// How long sessions live.
@Suite struct ExpiryTests {
    @Test("L1 Both limits are Redis's own: the key's deadline is the earlier one")
    func inRedis() async throws {
        try await withStore(.redis) { store in
            let server = try #require(store.server)
            for (limits, expected) in [
                (Expiry(idle: .seconds(100), absolute: .seconds(1000)), 100),
                (Expiry(idle: .seconds(1000), absolute: .seconds(50)), 50),
                (Expiry(idle: nil, absolute: .seconds(70)), 70),
            ] {
                var options = SessionOptions()
                options.timeouts.expiry = limits
                let client = DirectClient(try SessionManager(sessions: store.sessions, options: options))
                let id = try await client.request { session in
                    session["a"] = 1
                    return session.id
                }
                try await client.request { try await $0.rotate() }
                let remaining = try await server.command("PTTL", "\(StoreKind.prefix)sessions:\(id)").integer ?? -1
                #expect(remaining <= expected * 1000)
                #expect(remaining > expected * 1000 - 20_000)
            }
        }
    }

    @Test("E13 An expired session is over for reading and writing in Redis; its key leaves by itself")
    func expiresInRedis() async throws {
        try await withStore(.redis) { store in
            var options = SessionOptions()
            options.timeouts.expiry = Expiry(idle: .milliseconds(150), absolute: .seconds(10))
            let client = DirectClient(try SessionManager(sessions: store.sessions, options: options))
            try await client.request { $0["a"] = 1 }
            let inUse = try await client.begin()
            inUse["a"] = 2
            let server = try #require(store.server)
            try await eventually { try await server.keys().isEmpty }
            #expect(try await client.copy().begin().isNew)
            try await client.finish(inUse)
            #expect(inUse.hasEnded)
            #expect(try await server.keys().isEmpty)
        }
    }
}
