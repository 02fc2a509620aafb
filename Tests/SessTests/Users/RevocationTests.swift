import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("Revoking users' sessions")
struct RevocationTests {
    @Test(
        "One session is revoked for the very next request on every server; another user's is left alone",
        arguments: UserStoreKind.allCases)
    func one(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let (first, second) = (try await app.signedIn("alice"), try await app.signedIn("alice", server: 1))
            let bob = try await app.signedIn("bob")
            let id = try await app.visit(second) { $0.id }
            #expect(try await !app.manager.revoke(id, of: "bob"))
            #expect(try await !app.manager.revoke(ModelID("unknown"), of: "alice"))
            #expect(try await app.users(at: second) == ["alice", "alice"])
            #expect(try await app.manager.revoke(id, of: "alice"))
            #expect(try await app.users(at: second) == [nil, nil])
            #expect(try await app.users(at: first) == ["alice", "alice"])
            #expect(try await app.users(at: bob) == ["bob", "bob"])
            #expect(try await app.manager.sessions(of: "alice").count == 1)
        }
    }

    @Test(
        "All others are revoked, or all, for the very next request on every server", arguments: UserStoreKind.allCases)
    func othersAndAll(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            var clients: [TestClient] = []
            for index in 0..<100 { clients.append(try await app.signedIn("alice", server: index % 2)) }
            let bob = try await app.signedIn("bob")
            try await app.visit(clients[70]) { try await app.manager.revokeOthers(than: $0) }
            for (index, client) in clients.enumerated() {
                #expect(try await app.users(at: client) == (index == 70 ? ["alice", "alice"] : [nil, nil]))
            }
            #expect(try await app.manager.sessions(of: "alice").count == 1)
            try await app.manager.revokeAll(of: "alice")
            #expect(try await app.users(at: clients[70]) == [nil, nil])
            #expect(try await app.users(at: bob) == ["bob", "bob"])
            let again = try await app.signedIn("alice")
            #expect(try await app.users(at: again) == ["alice", "alice"])
            let error = await #expect(throws: SessionError.self) {
                try await app.visit(TestClient()) { try await app.manager.revokeOthers(than: $0) }
            }
            #expect(error?.code == .notSignedIn)
        }
    }

    @Test("C4 A request under way when all are revoked stores nothing", arguments: UserStoreKind.allCases)
    func underWay(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let actions: [@Sendable (Session) async throws -> Void] = [
                { session in
                    session["a"] = 1
                    try await session.save()
                },
                { try await $0.rotate() }, { try await $0.touch() }, { try await $0.increment("n") },
                { try await $0.update { $0["a"] = 1 } },
            ]
            for (index, action) in actions.enumerated() {
                let client = try await app.signedIn("alice")
                try await app.visit(client) { session in
                    try await app.managers[1].revokeAll(of: "alice")
                    let error = await #expect(throws: SessionError.self) { try await action(session) }
                    #expect(error?.code == .gone, "action \(index)")
                }
                #expect(client.last[values: .setCookie].isEmpty, "action \(index)")
                #expect(try await app.users(at: client) == [nil, nil], "action \(index)")
                #expect(try await app.manager.sessions(of: "alice").isEmpty)
            }
        }
    }

    @Test(
        "Of 240 sign-ins that race with revoking all, begun before it, none is alive afterwards",
        arguments: UserStoreKind.allCases)
    func races(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let ended = Mutex(0)
            for race in 0..<240 {
                let (reserved, isReserved) = AsyncStream<Void>.makeStream()
                let watched = InterposedCollection(store.sessions) { call throws(ModelError) in
                    // The call after the reservation: from here on the sign-in and the revocation run side by side.
                    if call == .insert || call == .commit { isReserved.yield() }
                    for _ in 0..<(race % 5) { await Task.yield() }
                }
                let user = "user \(race % 7)"
                let signing = try UsersApp(watched, count: 1)
                let revoking = try UsersApp(store.sessions, count: 1)
                let client = TestClient()
                if race % 2 == 0 { try await revoking.visit(client) { $0["a"] = 1 } }
                let before = TestClient(cookie: client.cookie)
                let lost = try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        do {
                            try await signing.visit(client) { try await $0.signIn(userID: user) }
                            return false
                        } catch let error as SessionError {
                            #expect(error.code == .gone)
                            return true
                        }
                    }
                    group.addTask {
                        for await _ in reserved { break }
                        try await revoking.manager.revokeAll(of: user)
                        return false
                    }
                    return try await group.reduce(false) { $0 || $1 }
                }
                if lost { ended.withLock { $0 += 1 } }
                #expect(try await revoking.users(at: client) == [nil], "race \(race)")
                #expect(try await revoking.users(at: before) == [nil], "race \(race)")
                let known = try await store.sessions.ownership(of: OwnerID(user))
                #expect(known.owned.isEmpty && known.reserved.isEmpty && known.condemned.isEmpty, "race \(race)")
            }
            // Otherwise the two did not meet, and the test shows nothing.
            #expect(ended.withLock { $0 } > 0)
            for (key, remaining) in try await store.server?.keys() ?? [] { #expect(remaining > 0, "\(key)") }
        }
    }

    @Test("A revocation after the epoch was read wins over the sign-in", arguments: UserStoreKind.allCases)
    func sinceEpoch(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            for _ in 0..<3 {
                let epoch = try await app.manager.epoch(of: "alice")
                let client = TestClient()
                try await app.visit(client) { try await $0.signIn(userID: "alice", since: epoch) }
                #expect(try await app.users(at: client) == ["alice", "alice"])
                try await app.manager.revokeAll(of: "alice")
                let error = await #expect(throws: SessionError.self) {
                    try await app.visit(TestClient()) { try await $0.signIn(userID: "alice", since: epoch) }
                }
                #expect(error?.code == .gone)
                #expect(try await app.manager.sessions(of: "alice").isEmpty)
            }
        }
    }

    @Test("A revocation at any step of a sign-in after its first wins", arguments: UserStoreKind.allCases)
    func steps(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            try await expectNoSignIn(in: store) { manager in
                try await manager.revokeAll(of: "alice")
            } isOver: { manager in
                try await manager.sessions(of: "alice").isEmpty
            }
        }
    }
}

/// Ends sessions just before each step of a sign-in after its first, in a new session and in a stored one. None holds.
func expectNoSignIn(
    in store: UserStore,
    endedBy end: @escaping @Sendable (SessionManager) async throws -> Void,
    isOver: (SessionManager) async throws -> Bool
) async throws {
    let plain = try UsersApp(store.sessions, count: 1)
    for step in [InterposedCollection.Call.insert, .commit, .confirm] {
        for isFresh in [true, false] where (step != .insert || isFresh) && (step != .commit || !isFresh) {
            let hook = InterposedCollection(store.sessions) { call throws(ModelError) in
                guard call == step else { return }
                do {
                    try await end(plain.manager)
                } catch {
                    throw ModelError(.unavailable, "\(error)")
                }
            }
            let app = try UsersApp(hook, count: 1)
            let client = TestClient()
            if !isFresh { try await plain.visit(client) { $0["a"] = 1 } }
            let error = await #expect(throws: SessionError.self) {
                try await app.visit(client) { try await $0.signIn(userID: "alice") }
            }
            #expect(error?.code == .gone, "\(step)")
            #expect(client.last[values: .setCookie].isEmpty, "\(step)")
            let isOver = try await isOver(plain.manager)
            #expect(isOver, "\(step)")
        }
    }
}
