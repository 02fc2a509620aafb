import Modeler
import Testing

@testable import Sess

/// Sessions that nobody has signed in to live short.
@Suite("Anonymous sessions")
struct AnonymousLimitsTests {
    private func app(_ configure: (inout SessionOptions) -> Void = { _ in }) throws -> UsersApp {
        let clock = TestClock()
        let store = MemoryCollection(name: "sessions", now: { clock.now })
        return try UsersApp(
            store,
            {
                $0.timeouts.expiry = Expiry(idle: .seconds(7 * 86400), absolute: .seconds(30 * 86400))
                $0.timeouts.anonymous = Expiry(idle: .seconds(30 * 60), absolute: .seconds(12 * 60 * 60))
                configure(&$0)
            },
            clock: clock
        )
    }

    private static let long = Duration.seconds(7 * 86400)

    private func isAbout(_ remaining: Duration?, _ expected: Duration) -> Bool {
        guard let remaining else { return false }
        return remaining <= expected && remaining > expected - .seconds(2)
    }

    @Test("L1 Until the sign-in the short limits hold, from it on the long ones; in one write")
    func signIn() async throws {
        let app = try app()
        let client = TestClient()
        try await app.visit(client) { $0["cart"] = ["tea"] }
        try await app.visit(client) { session in
            #expect(isAbout(session.remaining, .seconds(1800)))
            let revision = session.revision
            try await session.signIn(userID: "alice")
            #expect(session.revision == revision + 1)
            #expect(isAbout(session.remaining, Self.long))
        }
        #expect(isAbout(try await app.visit(client) { $0.remaining }, Self.long))
        #expect(isAbout(try await app.manager.sessions(of: "alice").first?.remaining, Self.long))
    }

    @Test("L1 A session that begins with a sign-in has the long limits at once")
    func beginsWithSignIn() async throws {
        let app = try app()
        let client = try await app.signedIn("alice")
        #expect(isAbout(try await app.visit(client) { $0.remaining }, Self.long))
    }

    @Test("E13 Limits of the session's own stay through a sign-in; forgetting them gives those that hold then")
    func ownLimits() async throws {
        let app = try app()
        let client = TestClient()
        try await app.visit(client) { session in
            session["a"] = 1
            try session.remember(timeouts: Expiry(idle: .seconds(90 * 86400)))
        }
        try await app.visit(client) { try await $0.signIn(userID: "alice") }
        #expect(isAbout(try await app.visit(client) { $0.remaining }, .seconds(90 * 86400)))
        try await app.visit(client) { $0.stopRemembering() }
        #expect(isAbout(try await app.visit(client) { $0.remaining }, Self.long))
        let guest = TestClient()
        try await app.visit(guest) { session in
            session["a"] = 1
            try session.remember()
            session.stopRemembering()
        }
        #expect(isAbout(try await app.visit(guest) { $0.remaining }, .seconds(1800)))
    }

    @Test("L1 Shorter limits of all sessions hold for anonymous ones too; without anonymous limits all are alike")
    func otherOptions() async throws {
        for (options, expected) in [
            (Expiry?.some(Expiry(idle: .seconds(60 * 86400))), Self.long), (nil, Self.long),
            (Expiry(absolute: .seconds(100)), .seconds(100)),
        ] {
            let app = try app { $0.timeouts.anonymous = options }
            let client = TestClient()
            try await app.visit(client) { $0["a"] = 1 }
            #expect(isAbout(try await app.visit(client) { $0.remaining }, expected))
        }
        #expect(throws: SessionError.self) {
            _ = try TestApp { $0.timeouts.anonymous = Expiry(idle: .zero) }
        }
    }
}
