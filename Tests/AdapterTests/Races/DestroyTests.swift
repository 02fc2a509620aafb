import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// A session that ends on one server while a request of another uses it.
@Suite struct DestroyTests {
    typealias Step = @Sendable (Session) async throws -> Void

    private static let steps: [(name: String, step: Step)] = [
        ("read", { _ = $0["a"] }), ("set", { $0["b"] = 1 }), ("unset", { $0.unset("a") }),
        ("replace", { $0.data = ["z": 1] }), ("touch", { try await $0.touch() }),
        ("rotate", { try await $0.rotate() }), ("grace", { try await $0.rotate(grace: .seconds(60)) }),
        ("increment", { try await $0.increment("n") }),
        ("update", { _ = try await $0.update { $0["n", default: 0] += 1 } }),
        ("limits", { try $0.setTimeouts(Expiry(idle: .seconds(9))) }), ("remember", { try $0.remember() }),
        ("signIn", { try await $0.signIn(userID: "alice") }), ("regenerate", { try await $0.regenerate() }),
        ("destroy", { try await $0.destroy() }),
        (
            "save",
            { session in
                session["b"] = 1
                try await session.save()
            }
        ),
        (
            "saveTwice",
            { session in
                session["b"] = 1
                try? await session.save()
                session["c"] = 2
            }
        ),
    ]

    private static func routes(_ gates: Gates) -> @Sendable (AppRoutes) -> Void {
        { app in
            app.post("/begin") { request in
                request.session["a"] = 1
                return "\(request.session.id)"
            }
            app.post("/end/:id") { request in
                // By its id, as an administrator does: a token may have been replaced meanwhile.
                let other = try await request.requestSessions.load(ModelID(request.parameter("id") ?? ""))
                try await other?.destroy()
                return "\(other != nil)"
            }
            app.get("/read") { request in "\(request.session.id) \(request.session.names.count)" }
            for (name, step) in steps {
                app.post("/free/\(name)") { request in
                    try await step(request.session)
                    return "\(request.session.hasEnded)"
                }
                app.post("/held/\(name)") { request in
                    try await gates.pass(name)
                    try await step(request.session)
                    return "ok"
                }
                app.post("/done/\(name)") { request in
                    try await step(request.session)
                    try await gates.pass(name)
                    return "ok"
                }
            }
        }
    }

    @Test(
        "C4 A destroy before or after what a request in flight does: nothing lives on, and no new cookie is sent",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func inFlight(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let gates = Gates()
        try await withTwoServers(on: adapter, over: kind, routes: Self.routes(gates)) { first, second, store in
            for (name, _) in Self.steps {
                for place in ["held", "done"] {
                    let what: Comment = "\(place) \(name)"
                    let browser = Browser(port: first)
                    let id = try ModelID(try await browser.post("/begin").text)
                    let late = browser.copy()
                    let response = try await late.post("/\(place)/\(name)", to: second, held: gates) {
                        () async throws in
                        let isThere = place == "held" || !["destroy", "regenerate"].contains(name)
                        #expect(try await Browser(port: first).post("/end/\(id)").text == "\(isThere)", what)
                        #expect(try await store.sessions.fetch(id) == nil, what)
                    }
                    #expect([200, 409].contains(response.status), what)
                    #expect(try await store.sessions.fetch(id) == nil, what)
                    // What replaced its token before the end had its new one by then; it is dead as well.
                    let hasReplaced = place == "done" && ["rotate", "grace", "signIn", "touch"].contains(name)
                    // A sign-in whose session has ended begins one of its own.
                    let hasBegun = place == "held" && name == "signIn"
                    if !hasReplaced, !hasBegun {
                        #expect(response.setCookies.allSatisfy { $0.contains("Max-Age=0") }, what)
                    }
                    for client in [browser, late] {
                        let read = try await client.get("/read", to: second)
                        #expect(read.text.hasSuffix(" 0") && !read.text.hasPrefix("\(id)"), what)
                    }
                    if let server = store.server {
                        #expect(try await !server.keys().contains { $0.contains("\(id)") }, what)
                        #expect(try await server.keysWithoutTTL().isEmpty, what)
                    }
                    for client in [browser, late] { await client.client.closeIdle() }
                }
            }
        }
    }

    @Test(
        "C4 A destroy races with everything else, on two servers: none is alive afterwards",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func races(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withTwoServers(on: adapter, over: kind, routes: Self.routes(Gates())) { first, second, store in
            let client = TestHTTPClient()
            let outcomes = try await concurrently(TestScale.count(160, full: 5_000), width: 12) { index in
                let browser = Browser(port: first, client: client)
                let id = try ModelID(try await browser.post("/begin").text)
                let rival = browser.copy()
                let (name, _) = Self.steps[index % Self.steps.count]
                async let raced = rival.post("/free/\(name)", to: second)
                if index.isMultiple(of: 3) { await Task.yield() }
                async let ended = Browser(port: first, client: client).post("/end/\(id)")
                let (race, end) = try await (raced, ended)
                let reads = try await [rival.get("/read", to: first), browser.get("/read", to: second)]
                let isDead =
                    reads.allSatisfy { !$0.text.hasPrefix("\(id)") } && [200, 409].contains(race.status)
                    && end.status == 200
                let isGone = try await store.sessions.fetch(id) == nil
                return (name, isDead && isGone)
            }
            #expect(outcomes.filter { !$0.1 }.map(\.0) == [])
            if let server = store.server { #expect(try await server.keysWithoutTTL().isEmpty) }
            await client.closeIdle()
        }
    }

    @Test(
        "H4 C4 A request that spans a logout: its client is anonymous afterwards, and nothing of it is stored",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func logout(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let gates = Gates()
        try await withTwoServers(on: adapter, over: kind) { app in
            app.post("/sign-in") { request in
                try await request.session.signIn(userID: "alice")
                return "\(request.session.id)"
            }
            app.post("/sign-out") { request in
                try await request.session.signOut()
                return "ok"
            }
            app.post("/slow/:place") { request in
                try await gates.pass(request.parameter("place") ?? "")
                request.session["late"] = true
                return request.session.userID ?? "nobody"
            }
            app.get("/whoami") { request in
                "\(request.session.userID ?? "nobody") \(request.session.names.count)"
            }
        } _: { first, second, store in
            let client = TestHTTPClient()
            let count = TestScale.count(100, full: 1_000)
            let anonymous = try await concurrently(count, width: 20) { index in
                let browser = Browser(port: index.isMultiple(of: 2) ? first : second, client: client)
                let id = try ModelID(try await browser.post("/sign-in").text)
                let slow = browser.copy()
                let response = try await slow.post("/slow/\(index)", held: gates) { () async throws in
                    let port = index % 3 == 0 ? first : second
                    #expect(try await browser.post("/sign-out", to: port).status == 200)
                }
                let after = try await [slow.get("/whoami", to: first), browser.get("/whoami", to: second)]
                let isGone = try await store.sessions.fetch(id) == nil
                return response.text == "alice" && response.setCookies.isEmpty && isGone
                    && after.allSatisfy { $0.text == "nobody 0" }
            }
            #expect(anonymous.count { $0 } == count)
            await client.closeIdle()
        }
    }
}
