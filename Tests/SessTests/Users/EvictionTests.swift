import Modeler
import RedisTestServer
import Testing

@testable import Sess

@Suite("Revocations where the store has lost what it knew of a user")
struct EvictionTests {
    /// Has the store forget a user's sessions, and in Redis the epoch.
    private func lose(_ user: String, _ store: UserStore) async throws {
        let owner = try OwnerID(user)
        if let server = store.server {
            try await server.command("DEL", "users:sessions:owner:" + owner.keyText)
        } else {
            let known = try await store.sessions.ownership(of: owner)
            try await store.sessions.withdraw(known.owned + known.reserved + known.condemned, from: owner)
        }
    }

    @Test(
        "D14 A revocation ends sessions that the index has lost at their next check, and not the one that it spares",
        arguments: UserStoreKind.allCases, [OwnerCheckPolicy.everyRequest, .onRenewal])
    func lostIndex(kind: UserStoreKind, policy: OwnerCheckPolicy) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions) {
                $0.users.epochCheck = policy
                $0.timeouts.renewalWindow = .zero
            }
            let (first, second) = (try await app.signedIn("alice"), try await app.signedIn("alice", server: 1))
            for _ in 0..<2 {
                try await lose("alice", store)
                let id = try await app.visit(first) { session in
                    session["a"] = 1
                    try await app.manager.revokeOthers(than: session)
                    return session.id
                }
                // So that renewals are due.
                try await Task.sleep(for: .milliseconds(20))
                #expect(try await app.users(at: second) == [nil, nil])
                #expect(try await app.users(at: first) == ["alice", "alice"])
                #expect(try await app.manager.sessions(of: "alice").map(\.id) == [id])
                #expect(try await app.visit(first) { $0["a"] } == 1)
            }
            let third = try await app.signedIn("alice")
            try await lose("alice", store)
            try await app.manager.revokeAll(of: "alice")
            try await Task.sleep(for: .milliseconds(20))
            for client in [first, third] { #expect(try await app.users(at: client) == [nil, nil]) }
            #expect(try await app.manager.sessions(of: "alice").isEmpty)
        }
    }

    @Test(
        "A renewal that finds nothing known of the user is reported; one that only finds its own entry missing is not",
        arguments: UserStoreKind.allCases)
    func reported(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let events = EventLog()
            let app = try UsersApp(store.sessions, count: 1) {
                $0.users.epochCheck = .everyRequest
                $0.onEvent = events.append
            }
            let (first, second) = (try await app.signedIn("alice"), try await app.signedIn("alice"))
            let ids = (try await app.visit(first) { $0.id }, try await app.visit(second) { $0.id })
            try await store.sessions.withdraw([ids.0], from: OwnerID("alice"))
            #expect(try await app.users(at: first) == ["alice"])
            #expect(events.all.isEmpty)
            try await lose("alice", store)
            for client in [second, first, second] { #expect(try await app.users(at: client) == ["alice"]) }
            #expect(events.all == [.userIndexLost(session: ids.1)])
        }
    }

    @Test("A sign-in that fails and lets its victim be is no loss of the index", arguments: UserStoreKind.allCases)
    func failedSignIn(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let events = EventLog()
            let failing = InterposedCollection(store.sessions) { call throws(ModelError) in
                if call == .insert { throw ModelError(.full, "full") }
            }
            let plain = try UsersApp(store.sessions, count: 1)
            let app = try UsersApp(failing, count: 1) {
                $0.users.maximumSessions = 1
                $0.onEvent = events.append
            }
            let client = try await plain.signedIn("alice")
            await #expect(throws: SessionError.self) { try await app.signedIn("alice") }
            #expect(try await plain.users(at: client) == ["alice"])
            #expect(!events.all.contains { if case .userIndexLost = $0 { true } else { false } })
        }
    }

    @Test("The record of the session that is spared names the new epoch; a sign-in under way does not hold")
    func stamped() async throws {
        let store = MemoryCollection(name: "sessions")
        let app = try UsersApp(store, count: 1)
        let client = try await app.signedIn("alice", device: SessionDevice(userAgent: "Browser"))
        let before = try await app.manager.epoch(of: "alice")
        let id = try await app.visit(client) { session in
            try await app.manager.revokeOthers(than: session)
            return session.id
        }
        let known = try await store.ownership(of: OwnerID("alice"))
        #expect(known == Ownership(epoch: known.epoch, owned: [id]) && known.epoch > before)
        let record = try #require(try await store.fetch(id).flatMap { try OwnerRecord.read($0) })
        #expect(record.epoch == known.epoch && record.device?.userAgent == "Browser")
        let error = await #expect(throws: SessionError.self) {
            try await app.visit(TestClient()) { try await $0.signIn(userID: "alice", since: before) }
        }
        #expect(error?.code == .gone)
    }

    @Test(
        "Requests of one session that revoke the others at once, beside others that are checked, end none of its own",
        arguments: UserStoreKind.allCases)
    func atOnce(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions) { $0.users.epochCheck = .everyRequest }
            let client = try await app.signedIn("alice")
            for round in 0..<TestScale.count(10, full: 500) {
                let other = try await app.signedIn("alice")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<8 {
                        let copy = TestClient(cookie: client.cookie)
                        group.addTask {
                            try await app.visit(copy, server: index % 2) { session in
                                #expect(session.userID == "alice", "round \(round)")
                                if index < 4 { try await app.managers[index % 2].revokeOthers(than: session) }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await app.users(at: other) == [nil, nil], "round \(round)")
                #expect(try await app.users(at: client) == ["alice", "alice"], "round \(round)")
            }
        }
    }

    @Test(
        "A session that was revoked can revoke nobody, also where the index has lost it",
        arguments: UserStoreKind.allCases)
    func revokedRevoker(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let (first, second) = (try await app.signedIn("alice"), try await app.signedIn("alice"))
            try await lose("alice", store)
            try await app.visit(first) { try await app.manager.revokeOthers(than: $0) }
            let error = await #expect(throws: SessionError.self) {
                // Within its renewal window nobody has checked it.
                try await app.visit(second) { session in
                    #expect(session.userID == "alice")
                    try await app.manager.revokeOthers(than: session)
                }
            }
            #expect(error?.code == .gone)
            #expect(try await app.users(at: second) == [nil, nil])
            #expect(try await app.users(at: first) == ["alice", "alice"])
            #expect(try await app.manager.sessions(of: "alice").count == 1)
        }
    }

    @Test(
        "A request that began before another one of its session revoked the others goes on, checks and all",
        arguments: UserStoreKind.allCases)
    func underWay(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let client = try await app.signedIn("alice")
            let limits = Expiry(idle: .seconds(9_000))
            for action in [
                { try $0.remember(timeouts: limits) }, { try await app.manager.revokeOthers(than: $0) },
                { try await $0.touch() },
            ] as [@Sendable (Session) async throws -> Void] {
                let late = TestClient(cookie: client.cookie)
                try await app.visit(late) { session in
                    try await app.visit(client) { try await app.manager.revokeOthers(than: $0) }
                    try await action(session)
                    session["n", default: 0] += 1
                }
                #expect(try await app.users(at: client) == ["alice", "alice"])
            }
            #expect(try await app.visit(client) { $0["n"] } == 3)
        }
    }

    @Test("Of two sessions that revoke each other at once one is left at most", arguments: UserStoreKind.allCases)
    func eachOther(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            // Within their renewal window, so that no check brings their entries back.
            let app = try UsersApp(store.sessions)
            let checking = try UsersApp(store.sessions) { $0.users.epochCheck = .everyRequest }
            for round in 0..<TestScale.count(20, full: 500) {
                let clients = [try await app.signedIn("alice"), try await app.signedIn("alice", server: 1)]
                if round % 2 == 0 { try await lose("alice", store) }
                let failures = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for (index, client) in clients.enumerated() {
                        let copy = TestClient(cookie: client.cookie)
                        group.addTask {
                            do {
                                try await app.visit(copy, server: index) { session in
                                    try await app.managers[index].revokeOthers(than: session)
                                }
                                return false
                            } catch let error as SessionError where [.gone, .notSignedIn].contains(error.code) {
                                return true
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                var left = 0
                for client in clients where try await checking.users(at: client) == ["alice", "alice"] { left += 1 }
                #expect(left <= 1, "round \(round), \(failures) failed")
                try await app.manager.revokeAll(of: "alice")
            }
        }
    }

    @Test(
        "Where the session that is spared can't be written, the others are revoked, and it stays for its place's time")
    func unwritten() async throws {
        let store = MemoryCollection(name: "sessions")
        let plain = try UsersApp(store, count: 1) { $0.users.epochCheck = .everyRequest }
        let failing = InterposedCollection(store) { call throws(ModelError) in
            if call == .commit { throw ModelError(.unavailable, "refused for the test") }
        }
        let app = try UsersApp(failing, count: 1)
        let (first, second) = (try await plain.signedIn("alice"), try await plain.signedIn("alice"))
        let error = await #expect(throws: SessionError.self) {
            try await app.visit(first) { try await app.manager.revokeOthers(than: $0) }
        }
        #expect(error?.code == .storeUnavailable)
        #expect(try await plain.users(at: second) == [nil])
        #expect(try await plain.users(at: first) == ["alice"])
        // Once more.
        try await plain.visit(first) { try await plain.manager.revokeOthers(than: $0) }
        #expect(try await store.ownership(of: OwnerID("alice")).owned.count == 1)
    }

    @Test(
        "D14 Under pressure for memory a revocation misses nobody, whichever policy Redis evicts by",
        .timeLimit(.minutes(2)),
        arguments: [
            "noeviction", "volatile-ttl", "volatile-lru", "volatile-lfu", "volatile-random", "allkeys-lru",
            "allkeys-lfu", "allkeys-random",
        ])
    func pressure(policy: String) async throws {
        let arguments = ["--maxmemory-policy", policy, "--maxmemory-samples", "30"]
        try await UserStore.with(.redis, arguments: arguments) { store in
            let server = try #require(store.server)
            let app = try UsersApp(store.sessions, count: 1)
            let checking = try UsersApp(store.sessions, count: 1) { $0.users.epochCheck = .everyRequest }
            var pairs: [(user: String, first: TestClient, second: TestClient)] = []
            for index in 0..<60 {
                let user = "user \(index)"
                pairs.append((user, try await app.signedIn(user), try await app.signedIn(user)))
            }
            // Redis tells ages apart by the second. Sessions are used more often than what is known of their users.
            try await Task.sleep(for: .milliseconds(2_100))
            for pair in pairs {
                for client in [pair.first, pair.second] { #expect(try await app.users(at: client) == [pair.user]) }
            }
            try await fill(server)

            var (live, lost, missed) = (0, 0, 0)
            for pair in pairs {
                guard try await app.users(at: pair.first) == [pair.user],
                    try await app.users(at: pair.second) == [pair.user]
                else { continue }
                live += 1
                let key = "users:sessions:owner:" + (try OwnerID(pair.user)).keyText
                if try await server.command("EXISTS", key) == .integer(0) { lost += 1 }
                try await app.visit(pair.first) { try await app.manager.revokeOthers(than: $0) }
                if try await checking.users(at: pair.second) != [nil] { missed += 1 }
                #expect(try await checking.users(at: pair.first) == [pair.user])
            }
            #expect(missed == 0)
            switch policy {
            case "noeviction": #expect(live == pairs.count && lost == 0)
            case "volatile-ttl": #expect(lost == 0)
            // Otherwise the test shows nothing.
            case "volatile-lru", "allkeys-lru": #expect(live > 0 && lost > 0, "\(live) live, \(lost) lost")
            default: break
            }
        }
    }

    /// Has Redis need memory that it has not, until some keys are evicted or writes are refused.
    private func fill(_ server: RedisTestServer) async throws {
        func number(_ name: String, in section: String) async throws -> Int {
            let information = try await server.command("INFO", section).text ?? ""
            let line = information.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }
            return try #require(line.flatMap { Int($0.dropFirst(name.count + 1)) })
        }
        let used = try await number("used_memory", in: "memory")
        try await server.command("CONFIG", "SET", "maxmemory", "\(used)")
        let value = String(repeating: "x", count: 200)
        for round in 0..<200 where try await number("evicted_keys", in: "stats") < 40 {
            let answers = try await server.commands(
                (0..<4).map { ["SET", "filler:\(round):\($0)", value, "EX", "21600"] })
            if answers.contains(where: { if case .error = $0 { true } else { false } }) { break }
        }
        try await server.command("CONFIG", "SET", "maxmemory", "0")
    }
}
