import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// Tokens that are replaced while other requests still carry the one before, on two servers of one store.
@Suite struct GraceTests {
    private static func routes(_ gates: Gates) -> @Sendable (AppRoutes) -> Void {
        { app in
            app.post("/begin") { request in
                request.session["a"] = 1
                return "\(request.session.id)"
            }
            app.get("/read") { request in
                "\(request.session.id) " + request.session.names.sorted().joined(separator: " ")
            }
            app.post("/set/:name") { request in
                request.session[request.parameter("name") ?? ""] = true
                return "\(request.session.id)"
            }
            app.post("/held/:name") { request in
                request.session[request.parameter("name") ?? ""] = true
                try await gates.pass(request.parameter("name") ?? "")
                return "\(request.session.id)"
            }
            app.post("/rotate/:milliseconds") { request in
                try await request.session.rotate(
                    grace: .milliseconds(Int(request.parameter("milliseconds") ?? "") ?? 0))
                return "\(request.session.id)"
            }
            app.post("/rotated/:place") { request in
                try await request.session.rotate(grace: .seconds(60))
                try await gates.pass(request.parameter("place") ?? "")
                return "\(request.session.id)"
            }
        }
    }

    @Test(
        "C6 Within the grace a parallel request with the old token reads and writes the same session; then it is dead",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func grace(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let gates = Gates()
        try await withTwoServers(on: adapter, over: kind, routes: Self.routes(gates)) { first, second, _ in
            let browser = Browser(port: first)
            let id = try await browser.post("/begin").text
            let (old, underWay) = (browser.copy(), browser.copy())
            let late = try await underWay.post("/held/late", to: second, held: gates) { () async throws in
                let rotated = try await browser.post("/rotate/60000")
                #expect(rotated.text == id && rotated.setCookies.count == 1)
            }
            #expect(late.status == 200 && late.text == id)
            let written = try await old.post("/set/old", to: second)
            #expect(written.text == id)
            for response in [late, written] { #expect(response.setCookies.isEmpty, "the old token never comes back") }
            #expect(browser.token != old.token)
            for port in [first, second] {
                for client in [browser, old] {
                    #expect(try await client.get("/read", to: port).text == "\(id) a late old", "no fork, no logout")
                }
            }
            // Of a grace that is over nothing is left; of the one before neither.
            let before = browser.copy()
            try await browser.post("/rotate/300")
            try await eventually { try await !before.copy().get("/read", to: second).text.hasPrefix(id) }
            for dead in [before, old] {
                let written = try await dead.post("/set/dead")
                #expect(written.text != id)
            }
            #expect(try await browser.get("/read", to: second).text == "\(id) a late old")
            await browser.client.closeIdle()
        }
    }

    @Test(
        "C6 Two requests with one token rotate with a grace: no logout, whichever answer the client gets last",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func bothRotate(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let gates = Gates()
        try await withTwoServers(on: adapter, over: kind, routes: Self.routes(gates)) { first, second, _ in
            for overlaps in [true, false] {
                for lastAnswer in ["one", "two"] {
                    let browser = Browser(port: first)
                    let id = try await browser.post("/begin").text
                    let old = browser.copy()
                    async let one = browser.copy().post("/rotated/one")
                    if !overlaps { try await gates.waitForOne(at: "one") }
                    async let two = old.copy().post("/rotated/two", to: second)
                    try await gates.waitForOne(at: "one", "two")
                    let places = lastAnswer == "two" ? ["one", "two"] : ["two", "one"]
                    for place in places { gates.open(place) }
                    // The client takes the answers in this order.
                    for response in lastAnswer == "two"
                        ? [try await one, try await two] : [try await two, try await one]
                    {
                        #expect(response.text == id)
                        browser.take(response)
                    }
                    #expect(browser.token != old.token)
                    #expect(try await browser.get("/read", to: second).text == "\(id) a")
                    #expect(try await old.get("/read", to: second).text == "\(id) a", "a third one, within the grace")
                    // The next rotation leaves one token only.
                    let before = browser.copy()
                    try await browser.post("/rotate/0")
                    #expect(try await browser.get("/read", to: second).text == "\(id) a")
                    for dead in [before, old] {
                        #expect(try await !dead.get("/read", to: second).text.hasPrefix(id))
                    }
                    await browser.client.closeIdle()
                }
            }
        }
    }

    @Test(
        "C6 Two requests with one token rotate without a grace: one of the new tokens lives, and no data forks",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func rotateRaces(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withTwoServers(on: adapter, over: kind, routes: Self.routes(Gates())) { first, second, store in
            let client = TestHTTPClient()
            let outcomes = try await concurrently(TestScale.count(60, full: 2_000), width: 6) { _ in
                let browser = Browser(port: first, client: client)
                let id = try await browser.post("/begin").text
                let (rival, old) = (browser.copy(), browser.copy())
                async let rotated = browser.post("/rotate/0")
                async let raced = rival.post("/rotate/0", to: second)
                let statuses = try await [rotated.status, raced.status]
                let living = try await [
                    browser.get("/read", to: second), rival.get("/read", to: first), old.get("/read", to: second),
                ].count { $0.text.hasPrefix(id) }
                return living == 1 && statuses.allSatisfy { [200, 409].contains($0) }
            }
            #expect(outcomes.count { $0 } == outcomes.count)
            if let server = store.server { #expect(try await server.keys().count == outcomes.count) }
            await client.closeIdle()
        }
    }

    @Test(
        "C6 A rotation without a grace by the old token, within its grace, leaves its own token only",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func hardRotation(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withTwoServers(on: adapter, over: kind, routes: Self.routes(Gates())) { first, second, _ in
            let browser = Browser(port: first)
            let id = try await browser.post("/begin").text
            let (old, copy) = (browser.copy(), browser.copy())
            try await browser.post("/rotate/60000")
            #expect(try await old.post("/rotate/0", to: second).text == id)
            #expect(try await old.get("/read").text == "\(id) a")
            for dead in [browser, copy] { #expect(try await !dead.get("/read", to: second).text.hasPrefix(id)) }
            await browser.client.closeIdle()
        }
    }

    @Test(
        "C6 A request under way during a rotation without a grace writes nothing and leaves the new cookie alone",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func underWay(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let gates = Gates()
        try await withTwoServers(on: adapter, over: kind, routes: Self.routes(gates)) { first, second, _ in
            let browser = Browser(port: first)
            let id = try await browser.post("/begin").text
            let late = try await browser.copy().post("/held/evil", to: second, held: gates) { () async throws in
                #expect(try await browser.post("/rotate/0").text == id)
            }
            #expect(late.status == 200)
            #expect(late.setCookies.isEmpty)
            #expect(try await browser.get("/read", to: second).text == "\(id) a")
            await browser.client.closeIdle()
        }
    }
}
