import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("Signing in")
struct SignInTests {
    @Test(
        "L2 A sign-in replaces the token, keeps the data, and the session is listed", arguments: UserStoreKind.allCases)
    func signIn(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let client = TestClient()
            let id = try await app.visit(client) { session in
                session["cart"] = ["tea"]
                return session.id
            }
            let planted = TestClient(cookie: client.cookie)
            let device = SessionDevice(address: "192.0.2.7", userAgent: "Browser/1")
            try await app.visit(client) { session in
                session["greeted"] = true
                try await session.signIn(userID: "alice", device: device)
                #expect(session.userID == "alice")
                #expect(session.id == id)
            }
            #expect(client.cookie != planted.cookie)
            for server in 0..<2 {
                try await app.visit(client, server: server) { session in
                    #expect(session.userID == "alice")
                    #expect(session.data == ["cart": ["tea"], "greeted": true])
                }
                #expect(try await app.visit(planted, server: server) { $0.isNew })
            }
            try await app.visit(client) { session in
                let listed = try await app.manager.sessions(of: "alice")
                #expect(listed.map(\.id) == [id])
                let one = try #require(listed.first)
                #expect(one.device == device)
                #expect(one.isCurrent(in: session))
                #expect(one.created <= one.signedIn && one.signedIn <= one.lastSeen)
                let remaining = try #require(one.remaining)
                #expect(remaining > .seconds(1700) && remaining <= .seconds(1800))
            }
            #expect(try await app.manager.sessions(of: "bob").isEmpty)
        }
    }

    @Test("A session can begin with a sign-in, and end with a sign-out", arguments: UserStoreKind.allCases)
    func fresh(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let client = try await app.signedIn("alice")
            #expect(try await app.users(at: client) == ["alice", "alice"])
            let other = try await app.signedIn("alice", server: 1)
            #expect(try await app.manager.sessions(of: "alice").count == 2)
            let held = TestClient(cookie: client.cookie)
            try await app.visit(client) { try await $0.signOut() }
            #expect(client.cookie == nil)
            #expect(try await app.users(at: held) == [nil, nil])
            #expect(try await app.users(at: other) == ["alice", "alice"])
            let owner = try OwnerID("alice")
            #expect(try await store.sessions.ownership(of: owner).owned.count == 1)
        }
    }

    @Test("Another user can sign in to a session; it leaves the first one's list", arguments: UserStoreKind.allCases)
    func switchUser(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let client = try await app.signedIn("alice")
            try await app.visit(client) { try await $0.signIn(userID: "bob") }
            #expect(try await app.users(at: client) == ["bob", "bob"])
            #expect(try await app.manager.sessions(of: "alice").isEmpty)
            #expect(try await app.manager.sessions(of: "bob").count == 1)
            try await app.manager.revokeAll(of: "alice")
            #expect(try await app.users(at: client) == ["bob", "bob"])
        }
    }

    @Test(
        "T6 Of parallel sign-ins with one token each holds, and each is listed",
        arguments: UserStoreKind.allCases)
    func parallel(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            for _ in 0..<20 {
                let client = TestClient()
                try await app.visit(client) { $0["a"] = 1 }
                let clients = (0..<4).map { _ in TestClient(cookie: client.cookie) }
                let started = Started(clients.count)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for client in clients {
                        group.addTask {
                            try await app.visit(client) { session in
                                try await started.wait()
                                try await session.signIn(userID: "alice")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                var ids: Set<ModelID> = []
                for client in clients {
                    try await app.visit(client) { session in
                        #expect(session.userID == "alice")
                        ids.insert(session.id)
                    }
                }
                // One has the session that all came with, the others have begun their own.
                #expect(ids.count == clients.count)
                #expect(try await Set(app.manager.sessions(of: "alice").map(\.id)) == ids)
                try await app.manager.revokeAll(of: "alice")
            }
        }
    }

    @Test("A store that is lost before a sign-in holds: no cookie, nobody signed in", arguments: UserStoreKind.allCases)
    func storeLost(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            for isFresh in [true, false] {
                let failing = InterposedCollection(store.sessions) { call throws(ModelError) in
                    if call == .confirm { throw ModelError(.unavailable, "lost") }
                }
                let app = try UsersApp(failing)
                let client = TestClient()
                if !isFresh { try await app.visit(client) { $0["a"] = 1 } }
                let before = TestClient(cookie: client.cookie)
                let error = await #expect(throws: SessionError.self) {
                    try await app.visit(client) { try await $0.signIn(userID: "alice") }
                }
                #expect(error?.code == .storeUnavailable)
                #expect(client.last[values: .setCookie].isEmpty)
                #expect(try await app.users(at: before) == [nil, nil])
                #expect(try await app.manager.sessions(of: "alice").isEmpty)
            }
        }
    }

    @Test("A store without owners is refused at the sign-in, and so are users' ids that are empty or too long")
    func refused() async throws {
        let plain = PlainCollection(MemoryCollection())
        let manager = try SessionManager(sessions: plain, options: SessionOptions())
        let session = try await manager.begin(TestApp().request())
        var error = await #expect(throws: SessionError.self) { try await session.signIn(userID: "alice") }
        #expect(error?.code == .invalidConfiguration)
        let app = try UsersApp(MemoryCollection())
        for user in ["", String(repeating: "x", count: 257)] {
            error = await #expect(throws: SessionError.self) { _ = try await app.signedIn(user) }
            #expect(error?.code == .invalidUser)
        }
        #expect(throws: SessionError.self) { try UsersApp(MemoryCollection()) { $0.users.maximumSessions = 0 } }
    }

    @Test("Users' ids may hold anything; none is another's", arguments: UserStoreKind.allCases)
    func hostileIDs(kind: UserStoreKind) async throws {
        let users = [
            "*", "a", "a:b", "{a}", "{a}b", "../a", "a\u{0}", "a\r\nDEL x", "@", "!", "+", " ", "é", "e\u{301}",
            String(repeating: "x", count: 256), String(repeating: "😀", count: 64), "owner:61", "\"}", "a\u{202E}b",
        ]
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions, count: 1)
            var clients: [TestClient] = []
            for user in users { clients.append(try await app.signedIn(user)) }
            for (user, client) in zip(users, clients) {
                #expect(try await app.manager.sessions(of: user).count == 1)
                #expect(try await app.visit(client) { $0.userID.map { Array($0.utf8) } } == Array(user.utf8))
            }
            try await app.manager.revokeAll(of: "é")
            for (user, client) in zip(users, clients) {
                let isSignedIn = try await app.visit(client) { $0.userID != nil }
                #expect(isSignedIn != (Array(user.utf8) == Array("é".utf8)))
            }
            for (key, remaining) in try await store.server?.keys() ?? [] {
                #expect(key.wholeMatch(of: /users:sessions:(owner:([0-9a-f]{2}){1,256}|[A-Za-z0-9_-]{22})/) != nil)
                #expect(remaining > 0, "\(key)")
            }
        }
    }
}

/// Lets tasks go on once all have come.
private final class Started: Sendable {
    private let missing: Mutex<Int>

    init(_ count: Int) { missing = Mutex(count) }

    func wait() async throws {
        missing.withLock { $0 -= 1 }
        let end = ContinuousClock.now + .seconds(20)
        while missing.withLock({ $0 > 0 }), ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
    }
}
