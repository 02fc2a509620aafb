import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Testing

/// How long sessions live.
@Suite struct ExpiryTests {
    private static func manager(_ clock: FakeClock, idle: Duration?, absolute: Duration?) throws -> SessionManager {
        var options = SessionOptions()
        options.limits = Expiry(idle: idle, absolute: absolute)
        options.touchWindow = .zero
        let store = MemoryCollection(name: "sessions", now: { clock.now })
        return try SessionManager(sessions: store, options: options, clock: { clock.now })
    }

    @Test("L1 The idle limit holds to the millisecond")
    func idle() async throws {
        let clock = FakeClock()
        let client = DirectClient(try Self.manager(clock, idle: .milliseconds(1000), absolute: .milliseconds(10_000)))
        let id = try await client.request { session in
            session["a"] = 1
            return session.id
        }
        clock.advance(.milliseconds(999))
        #expect(try await client.copy().begin().id == id)
        clock.advance(.milliseconds(1))
        #expect(try await client.begin().isNew)
    }

    @Test(
        "L1 No number of touches, saves or rotations passes the absolute limit",
        arguments: ["read", "touch", "save", "rotate", "increment", "update", "limits"]
    )
    func absolute(_ use: String) async throws {
        let clock = FakeClock()
        let client = DirectClient(try Self.manager(clock, idle: .milliseconds(1000), absolute: .milliseconds(10_000)))
        let id = try await client.request { session in
            session["a"] = 1
            return session.id
        }
        for step in 1...19 {
            clock.advance(.milliseconds(step == 19 ? 999 : 500))
            try await client.request { session in
                #expect(session.id == id)
                switch use {
                case "touch": try await session.touch()
                case "save": session["a"] = JSONValue(integerLiteral: step)
                case "rotate": try await session.rotate(grace: .seconds(100))
                case "increment": try await session.increment("n")
                case "update": _ = try await session.update { $0["n", default: 0] += 1 }
                case "limits": try session.setLimits(Expiry(idle: .milliseconds(2000), absolute: .milliseconds(10_000)))
                default: _ = session["a"]
                }
            }
        }
        #expect(try await client.copy().begin().id == id, "a millisecond before the limit it lives")
        clock.advance(.milliseconds(1))
        #expect(try await client.begin().isNew, "at the limit it is over")
    }

    @Test("L1 A session that expires while its request runs is not saved and its cookie expires")
    func expiresInUse() async throws {
        let clock = FakeClock()
        let client = DirectClient(try Self.manager(clock, idle: .milliseconds(1000), absolute: nil))
        try await client.request { $0["a"] = 1 }
        let session = try await client.begin()
        session["a"] = 2
        clock.advance(.milliseconds(1000))
        let cookies = try await client.finish(session)
        #expect(cookies.count == 1)
        #expect(client.cookies["sess"] == nil)
        #expect(session.hasEnded)
    }

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
                options.limits = limits
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
            options.limits = Expiry(idle: .milliseconds(150), absolute: .seconds(10))
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

    @Test("C9 Web servers whose clocks are hours apart agree on every session", arguments: StoreKind.allCases)
    func skew(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            var options = SessionOptions()
            options.limits = Expiry(idle: .seconds(600), absolute: .seconds(3000))
            let managers = try [Duration.seconds(3600), .seconds(-3600), .zero].map { skew in
                let start = Timestamp(milliseconds: 1_700_000_000_000)
                return try SessionManager(sessions: store.sessions, options: options, clock: { start + skew })
            }
            let client = DirectClient(managers[0])
            let (id, created) = try await client.request { session in
                session["a"] = 1
                try await session.save()
                return (session.id, session.created)
            }
            var last = created
            for round in 0..<9 {
                let other = client.copy(at: managers[round % 3])
                let session = try await other.begin()
                #expect(session.id == id)
                #expect(session.created == created)
                #expect(session.updated >= last)
                let remaining = try #require(session.remaining)
                #expect(remaining > .seconds(560) && remaining <= .seconds(600))
                session["a"] = JSONValue(integerLiteral: round + 2)
                try await other.finish(session)
                #expect(session.revision == round + 2)
                last = session.updated
            }
        }
    }
}
