import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

/// A revocation that moved the epoch and died leaves the records: no request may move their deadlines.
@Suite("A revoked session doesn't get limits of its own")
struct OwnLimitsTests {
    private static let deeds: [@Sendable (Session) throws -> Void] = [
        { try $0.remember() }, { try $0.setTimeouts(Expiry(idle: .seconds(86400))) },
        { try $0.expire(at: Timestamp(milliseconds: 4_000_000_000_000)) },
    ]

    @Test(
        "Limits set for a session whose user's epoch has moved end it, and its response says nothing",
        arguments: UserStoreKind.allCases, deeds.indices)
    func revokedBefore(kind: UserStoreKind, deed: Int) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let client = try await app.signedIn("alice")
            let other = TestClient(cookie: client.cookie)
            let id = try await app.visit(client) { $0.id }
            _ = try await store.sessions.advanceEpoch(of: OwnerID("alice"))
            try await app.visit(client) { session in
                session["a"] = 1
                try Self.deeds[deed](session)
            }
            #expect(client.last[values: .setCookie].isEmpty)
            #expect(try await store.sessions.fetch(id) == nil)
            #expect(try await app.users(at: other) == [nil, nil])
            // One whose user's epoch stands keeps them.
            let bob = try await app.signedIn("bob")
            try await app.visit(bob) { try Self.deeds[deed]($0) }
            #expect(try await app.visit(bob) { $0.remaining.map { $0 > .seconds(80000) } } == true)
        }
    }

    @Test("A revocation during that very write ends it as well", arguments: UserStoreKind.allCases)
    func revokedMeanwhile(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let revokes = Mutex(false)
            let interposed = InterposedCollection(store.sessions) { call throws(ModelError) in
                guard call == .commit, revokes.withLock({ $0 }) else { return }
                _ = try await store.sessions.advanceEpoch(of: OwnerID("alice"))
            }
            let app = try UsersApp(interposed)
            let client = try await app.signedIn("alice")
            let id = try await app.visit(client) { $0.id }
            revokes.withLock { $0 = true }
            let error = await #expect(throws: SessionError.self) {
                try await app.visit(client) { session in
                    try session.remember()
                    try await session.save()
                }
            }
            #expect(error?.code == .gone)
            #expect(try await store.sessions.fetch(id) == nil)
        }
    }
}
