import HTTPTypes
import HiredisClient
import Logging
import Modeler
import ModelerRedis
import RedisTestServer
import SessTesting
import Synchronization
import Testing

@testable import Sess

@Suite("Ending the sessions of all users")
struct EndAllTests {
    @Test(
        "All sessions end for the very next request on every server, but the one that is kept",
        arguments: UserStoreKind.allCases, [false, true])
    func all(kind: UserStoreKind, isSealed: Bool) async throws {
        try await UserStore.with(kind) { store in
            let keys = isSealed ? try KeyRing([.init(name: "k", bytes: Array(repeating: 7, count: 32))]) : nil
            let app = try UsersApp(store.sessions) { $0.store.encryptionKeys = keys }
            var clients: [TestClient] = []
            for index in 0..<60 { clients.append(try await app.signedIn("user \(index % 20)", server: index % 2)) }
            for _ in 0..<20 {
                let client = TestClient()
                try await app.visit(client) { $0["a"] = 1 }
                clients.append(client)
            }
            let administrator = try await app.signedIn("user 3")
            // The session of nobody: a stream that meets a user's session revoked removes it, and it isn't counted
            // then.
            let ends = try await app.manager.endEvents(
                of: app.visit(clients[79]) { $0.id }, pollingEvery: .seconds(600))
            let steps = Mutex<[RevocationProgress]>([])
            let sums = try await app.visit(administrator) { session in
                try await app.manager.revokeEverySession(except: session) { sums in steps.withLock { $0.append(sums) } }
            }
            #expect(sums.sessions == 80)
            #expect(steps.withLock { $0.last } == sums)
            #expect(await ends.first { _ in true } == .revoked)
            for client in clients {
                let before = TestClient(cookie: client.cookie)
                #expect(try await app.users(at: client) == [nil, nil])
                #expect(try await app.visit(before) { $0.revision } == 0)
            }
            #expect(try await app.users(at: administrator) == ["user 3", "user 3"])
            for index in 0..<20 {
                #expect(try await app.manager.sessions(of: "user \(index)").count == (index == 3 ? 1 : 0))
            }
            // Whoever was signed in can sign in again, and nothing is left of the end.
            let again = try await app.signedIn("user 0")
            #expect(try await app.users(at: again) == ["user 0", "user 0"])
            #expect(try await app.manager.revokeEverySession().sessions == 2)
            #expect(try await app.manager.revokeEverySession() == RevocationProgress())
            for (key, _) in try await store.server?.keys() ?? [] { Issue.record("\(key) is left") }
        }
    }

    @Test(
        "The sum is of what the call has removed itself: not of a session that a request or a stream has removed meanwhile",
        arguments: UserStoreKind.allCases)
    func sum(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions) { $0.users.epochCheck = .everyRequest }
            for isMet in [true, false] {
                let clients = [try await app.signedIn("alice"), try await app.signedIn("alice")]
                // As another's call has done that didn't get any further.
                _ = try await store.sessions.condemn(allOf: OwnerID("alice"), except: ModelID("none"))
                if isMet { #expect(try await app.users(at: TestClient(cookie: clients[0].cookie)) == [nil, nil]) }
                #expect(try await app.manager.revokeEverySession().sessions == (isMet ? 1 : 2))
                for client in clients { #expect(try await app.users(at: client) == [nil, nil]) }
            }
            // Streams that look at once, and two calls, all side by side.
            var clients: [TestClient] = []
            for index in 0..<20 { clients.append(try await app.signedIn("user \(index % 4)")) }
            var streams: [AsyncStream<SessionEnd>] = []
            for client in clients.prefix(10) {
                streams.append(
                    try await app.manager.endEvents(of: app.visit(client) { $0.id }, pollingEvery: .seconds(600)))
            }
            async let first = app.manager.revokeEverySession().sessions
            async let second = app.managers[1].revokeEverySession().sessions
            let sum = try await first + second
            #expect((10...20).contains(sum), "none is counted twice, and each that no stream waits for once")
            for stream in streams { #expect(await stream.first { _ in true } != nil) }
            for client in clients { #expect(try await app.users(at: client) == [nil, nil]) }
            #expect(try await app.manager.revokeEverySession().sessions == 0)
        }
    }

    @Test("It goes on where others begin meanwhile, in steps, with the list of models and without one")
    func listed() async throws {
        try await UserStore.with(.redis) { store in
            let server = try #require(store.server)
            var configuration = try RedisConfiguration(url: server.url)
            configuration.logger.logLevel = .critical
            configuration.commandTimeout = .seconds(20)
            let client = try RedisClient(configuration: configuration)
            for listing in [false, true] {
                let sessions = try RedisCollection(
                    client: client, prefix: "a*[b]:", name: "sessions", listing: listing)
                let neighbour = try RedisCollection(client: client, prefix: "a*[b]:", name: "session", listing: true)
                _ = try await neighbour.create(["a": 1], expiry: Expiry(idle: .seconds(600)))
                let app = try UsersApp(sessions, count: 1)
                for index in 0..<2_500 {
                    try await app.visit(TestClient()) { $0["n"] = .integer(index) }
                }
                try await server.command("SET", "a*[b]:sessions:foreign", "no session")
                let steps = Mutex(0)
                let sums = try await app.manager.revokeEverySession { _ in
                    steps.withLock { $0 += 1 }
                    _ = try? await app.visit(TestClient()) { $0["new"] = true }
                }
                #expect(sums.sessions >= 2_500)
                #expect(steps.withLock { $0 } >= 3)
                _ = try await app.manager.revokeEverySession()
                #expect(try await neighbour.list().count == 1)
                #expect(try await server.command("GET", "a*[b]:sessions:foreign").text == "no session")
                if listing { #expect(try await sessions.list().isEmpty) }
                let left = try await server.keys().map(\.key).filter { $0.hasPrefix("a*[b]:sessions:") }
                #expect(Set(left).subtracting(["a*[b]:sessions:", "a*[b]:sessions:foreign"]).isEmpty)
                try await server.command("FLUSHALL")
            }
            await client.shutdown()
        }
    }

    @Test("C4 A request under way when all sessions end stores nothing", arguments: UserStoreKind.allCases)
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
                for isSignedIn in [true, false] {
                    let client = TestClient()
                    try await app.visit(client) { session in
                        session["a"] = 0
                        if isSignedIn { try await session.signIn(userID: "alice") }
                    }
                    try await app.visit(client) { session in
                        try await app.managers[1].revokeEverySession()
                        let error = await #expect(throws: SessionError.self) { try await action(session) }
                        #expect(error?.code == .gone, "action \(index)")
                    }
                    #expect(client.last[values: .setCookie].isEmpty, "action \(index)")
                    #expect(try await app.users(at: client) == [nil, nil], "action \(index)")
                    #expect(try await app.manager.revokeEverySession().sessions == 0, "action \(index)")
                }
            }
        }
    }

    @Test("An end of all at any step of a sign-in after its first wins", arguments: UserStoreKind.allCases)
    func steps(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            try await expectNoSignIn(in: store) { manager in
                try await manager.revokeEverySession()
            } isOver: { manager in
                try await manager.revokeEverySession().sessions == 0
            }
        }
    }

    @Test(
        "Of 120 sign-ins that race with an end of all, begun before it, none is alive afterwards",
        arguments: UserStoreKind.allCases)
    func races(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            var ended = 0
            for race in 0..<120 {
                let (reserved, isReserved) = AsyncStream<Void>.makeStream()
                let watched = InterposedCollection(store.sessions) { call throws(ModelError) in
                    // The call after the reservation: from here on the sign-in and the end run side by side.
                    if call == .insert || call == .commit { isReserved.yield() }
                    for _ in 0..<(race % 5) { await Task.yield() }
                }
                let signing = try UsersApp(watched, count: 1)
                let ending = try UsersApp(store.sessions, count: 1)
                let client = TestClient()
                if race % 2 == 0 { try await ending.visit(client) { $0["a"] = 1 } }
                let before = TestClient(cookie: client.cookie)
                let lost = try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        do {
                            try await signing.visit(client) { try await $0.signIn(userID: "user \(race % 7)") }
                            return false
                        } catch let error as SessionError {
                            #expect(error.code == .gone)
                            return true
                        }
                    }
                    group.addTask {
                        for await _ in reserved { break }
                        try await ending.manager.revokeEverySession()
                        return false
                    }
                    return try await group.reduce(false) { $0 || $1 }
                }
                if lost { ended += 1 }
                #expect(try await ending.users(at: client) == [nil], "race \(race)")
                #expect(try await ending.users(at: before) == [nil], "race \(race)")
            }
            // Otherwise the two did not meet, and the test shows nothing.
            #expect(ended > 0)
        }
    }

    @Test("A store that can't be gone through is refused, and one that is down fails the call")
    func refused() async throws {
        let plain = PlainCollection(MemoryCollection())
        var error = await #expect(throws: SessionError.self) {
            try await SessionManager(sessions: plain).revokeEverySession()
        }
        #expect(error?.code == .invalidConfiguration)
        try await UserStore.with(.redis) { store in
            let app = try UsersApp(store.sessions)
            let client = try await app.signedIn("alice")
            try await store.server?.command("CONFIG", "SET", "min-replicas-to-write", "1")
            error = await #expect(throws: SessionError.self) { try await app.manager.revokeEverySession() }
            #expect(error?.code == .storeUnavailable)
            try await store.server?.command("CONFIG", "SET", "min-replicas-to-write", "0")
            #expect(try await app.manager.revokeEverySession().sessions == 1)
            #expect(try await app.users(at: client) == [nil, nil])
        }
    }

    @Test("The time of the request that asks doesn't bound it")
    func unbounded() async throws {
        try await UserStore.with(.redis) { store in
            let app = try UsersApp(store.sessions, count: 1) { $0.store.deadline = .milliseconds(2) }
            for _ in 0..<1_000 { try await app.visit(TestClient()) { $0["a"] = 1 } }
            let sums = try await app.manager.withStoreDeadline { try await app.manager.revokeEverySession() }
            #expect(sums.sessions == 1_000)
        }
    }
}
