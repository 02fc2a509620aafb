import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("At most so many sessions for a user")
struct MaximumSessionsTests {
    @Test("The oldest session makes room, or the new one is refused", arguments: UserStoreKind.allCases)
    func policies(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let evicting = try UsersApp(store.sessions) { $0.users.maximumSessions = 2 }
            var clients: [TestClient] = []
            for index in 0..<5 {
                // Their order is that of the store's clock.
                try await Task.sleep(for: .milliseconds(5))
                clients.append(try await evicting.signedIn("alice", server: index % 2))
            }
            for (index, client) in clients.enumerated() {
                #expect(try await evicting.users(at: client) == (index >= 3 ? ["alice", "alice"] : [nil, nil]))
            }
            let refusing = try UsersApp(store.sessions) {
                $0.users.maximumSessions = 2
                $0.users.whenTooManySessions = .refuseNew
            }
            let error = await #expect(throws: SessionError.self) { _ = try await refusing.signedIn("alice") }
            #expect(error?.code == .tooManySessions)
            // Who has a place may sign in again.
            try await refusing.visit(clients[4]) { try await $0.signIn(userID: "alice") }
            try await refusing.visit(clients[3]) { try await $0.signOut() }
            _ = try await refusing.signedIn("alice")
            _ = try await refusing.signedIn("bob")
            #expect(try await refusing.manager.sessions(of: "alice").count == 2)
        }
    }

    @Test(
        "Under 32 sign-ins at once never more than 3 are alive",
        arguments: UserStoreKind.allCases, [TooManySessionsPolicy.evictOldest, .refuseNew]
    )
    func concurrent(kind: UserStoreKind, policy: TooManySessionsPolicy) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions) {
                $0.users.maximumSessions = 3
                $0.users.whenTooManySessions = policy
            }
            let owner = try OwnerID("alice")
            for _ in 0..<5 {
                let signIns = SignIns()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        while !signIns.areOver, !Task.isCancelled {
                            let known = try await store.sessions.ownership(of: owner)
                            #expect(known.owned.count + known.reserved.count <= 3)
                            // Whatever is asked later can only have fewer of those that had signed in by now.
                            let clients = signIns.clients
                            var alive = 0
                            for client in clients.reversed()
                            where try await app.visit(TestClient(cookie: client.cookie), { $0.userID }) != nil {
                                alive += 1
                            }
                            #expect(alive <= 3)
                        }
                    }
                    try await withThrowingTaskGroup(of: Void.self) { tasks in
                        for index in 0..<32 {
                            tasks.addTask {
                                do {
                                    let client = try await app.signedIn("alice", server: index % 2)
                                    signIns.append(client)
                                } catch let error as SessionError {
                                    #expect(error.code == .tooManySessions || error.code == .gone)
                                }
                            }
                        }
                        try await tasks.waitForAll()
                    }
                    signIns.end()
                    try await group.waitForAll()
                }
                let clients = signIns.clients
                var alive = 0
                for client in clients where try await app.visit(client, { $0.userID }) != nil { alive += 1 }
                #expect(alive >= 1 && alive <= 3)
                if policy == .refuseNew { #expect(clients.count == 3 && alive == 3) }
                #expect(try await app.manager.sessions(of: "alice").count == alive)
                try await app.manager.revokeAll(of: "alice")
            }
        }
    }

    @Test("What an evicting sign-in left behind, the next one ends before it holds", arguments: UserStoreKind.allCases)
    func crashedEviction(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let failing = InterposedCollection(store.sessions) { call throws(ModelError) in
                if call == .remove { throw ModelError(.unavailable, "lost") }
            }
            func limit(_ options: inout SessionOptions) { options.users.maximumSessions = 1 }
            let app = try UsersApp(store.sessions, count: 1, limit)
            let crashing = try UsersApp(failing, count: 1, limit)
            let first = try await app.signedIn("alice")
            await #expect(throws: SessionError.self) { _ = try await crashing.signedIn("alice") }
            let owner = try OwnerID("alice")
            // The place of the sign-in that failed is held for a while; nobody can wait for it here.
            try await store.sessions.withdraw(store.sessions.ownership(of: owner).reserved, from: owner)
            let second = try await app.signedIn("alice")
            #expect(try await app.users(at: first) == [nil])
            #expect(try await app.users(at: second) == ["alice"])
        }
    }
}

/// The clients that have signed in so far, and whether there will be no more.
private final class SignIns: Sendable {
    private let state = Mutex((clients: [TestClient](), areOver: false))

    var clients: [TestClient] { state.withLock { $0.clients } }
    var areOver: Bool { state.withLock { $0.areOver } }

    func append(_ client: TestClient) { state.withLock { $0.clients.append(client) } }
    func end() { state.withLock { $0.areOver = true } }
}
