import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("What a revocation that died in the middle leaves behind")
struct OwnerCheckTests {
    /// A store in which records can't be removed.
    private func unremovable(_ store: any OwnershipCollection) -> InterposedCollection {
        InterposedCollection(store) { call throws(ModelError) in
            if call == .remove { throw ModelError(.unavailable, "lost") }
        }
    }

    @Test("Checked at every request, a session is dead once the epoch has moved", arguments: UserStoreKind.allCases)
    func everyRequest(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions) { $0.users.epochCheck = .everyRequest }
            let dying = try UsersApp(unremovable(store.sessions), count: 1)
            let client = try await app.signedIn("alice")
            let id = try await app.visit(client) { $0.id }
            let error = await #expect(throws: SessionError.self) { try await dying.manager.revokeAll(of: "alice") }
            #expect(error?.code == .storeUnavailable)
            #expect(try await store.sessions.fetch(id) != nil)
            #expect(try await app.users(at: client) == [nil, nil])
            #expect(try await store.sessions.fetch(id) == nil)
        }
    }

    @Test("Checked on renewal, it is served for one renewal window at most, read or written")
    func onRenewal() async throws {
        for limits in [Expiry(idle: .seconds(600)), Expiry(idle: .seconds(600), absolute: .seconds(3600))] {
            for writes in [false, true] {
                let clock = TestClock()
                let store = MemoryCollection(name: "sessions", now: { clock.now })
                let app = try UsersApp(
                    store,
                    {
                        $0.timeouts.expiry = limits
                        $0.timeouts.renewalWindow = .seconds(60)
                    },
                    clock: clock
                )
                let dying = try UsersApp(unremovable(store), count: 1)
                let client = try await app.signedIn("alice")
                func use(_ session: Session) {
                    if writes { session["n", default: 0] += 1 }
                }
                // Use moves the deadline, for longer than the idle limit.
                for _ in 0..<60 {
                    clock.advance(by: .seconds(25))
                    try await app.visit(client) { use($0) }
                    #expect(try await app.visit(client) { $0.userID } == "alice")
                }
                await #expect(throws: SessionError.self) { try await dying.manager.revokeAll(of: "alice") }
                var served = 0
                while served < 10, try await app.visit(client, { $0.userID }) != nil {
                    try await app.visit(client) { use($0) }
                    served += 1
                    clock.advance(by: .seconds(25))
                }
                #expect(served <= 3)
                #expect(try await store.fetch(store.ownership(of: OwnerID("alice")).owned).isEmpty)
            }
        }
    }

    @Test(
        "A session whose deadline can't move is checked at every request",
        arguments: [
            Expiry.never, Expiry(absolute: .seconds(3600)), Expiry(idle: .seconds(3600), absolute: .seconds(1800)),
        ])
    func withoutRenewal(limits: Expiry) async throws {
        let store = MemoryCollection(name: "sessions")
        let app = try UsersApp(store) { $0.timeouts.expiry = limits }
        let dying = try UsersApp(unremovable(store), count: 1)
        let client = try await app.signedIn("alice")
        #expect(try await app.users(at: client) == ["alice", "alice"])
        await #expect(throws: SessionError.self) { try await dying.manager.revokeAll(of: "alice") }
        #expect(try await app.users(at: client) == [nil, nil])
    }

    @Test("Whoever asks for the user's sessions next finishes it", arguments: UserStoreKind.allCases)
    func finished(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let dying = try UsersApp(unremovable(store.sessions), count: 1)
            for revokesAll in [true, false] {
                let client = try await app.signedIn("alice")
                let other = try await app.signedIn("alice")
                await #expect(throws: SessionError.self) {
                    if revokesAll {
                        try await dying.manager.revokeAll(of: "alice")
                    } else {
                        try await app.visit(other) { try await dying.manager.revokeOthers(than: $0) }
                    }
                }
                #expect(try await app.users(at: client) == ["alice", "alice"])
                #expect(try await app.manager.sessions(of: "alice").count == (revokesAll ? 0 : 1))
                #expect(try await app.users(at: client) == [nil, nil])
                #expect(try await app.users(at: other) == (revokesAll ? [nil, nil] : ["alice", "alice"]))
            }
        }
    }

    @Test("Nobody's session and one inside its renewal window cost one round trip; a renewal asks once more")
    func cost() async throws {
        let calls = Mutex<[InterposedCollection.Call]>([])
        let clock = TestClock()
        let watched = InterposedCollection(MemoryCollection(name: "sessions", now: { clock.now })) { call in
            calls.withLock { $0.append(call) }
        }
        func take() -> [InterposedCollection.Call] {
            calls.withLock { calls in
                defer { calls = [] }
                return calls
            }
        }
        let app = try UsersApp(watched, count: 1, { $0.timeouts.expiry = Expiry(idle: .seconds(1800)) }, clock: clock)
        let client = try await app.signedIn("alice")
        #expect(take() == [.reserve, .insert, .confirm])
        clock.advance(by: .seconds(100))
        try await app.visit(client) { _ = $0.userID }
        #expect(take() == [.fetch])
        try await app.visit(client) { $0["a"] = 1 }
        #expect(take() == [.fetch, .commit])
        clock.advance(by: .seconds(100))
        try await app.visit(client) { _ = $0.userID }
        #expect(take() == [.fetch, .renew, .commit])
        try await app.visit(client) { _ = $0.userID }
        #expect(take() == [.fetch])
        clock.advance(by: .seconds(200))
        try await app.visit(client) { $0["a"] = 2 }
        #expect(take() == [.fetch, .renew, .commit])
        try await app.visit(client) { _ = $0.userID }
        #expect(take() == [.fetch])
    }
}
