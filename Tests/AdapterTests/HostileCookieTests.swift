import HTTPTypes
import Modeler
import Sess
import SessTestSupport
import Synchronization
import Testing

/// Cookies and paths that are not what an honest client sends, and sessions that end while they are used.
@Suite struct HostileCookieTests {
    @Test(
        "L5 Of two cookies of the name a valid one is found in either place; at most two are looked up",
        arguments: AdapterKind.allCases
    )
    func duplicates(_ adapter: AdapterKind) async throws {
        try await withStore(.redis) { store in
            let server = try #require(store.server)
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/write") { request in
                    request.session["a"] = 1
                    return "ok"
                }
                app.get("/read") { request in "\(request.session.contains("a"))" }
            } _: { port in
                let browser = Browser(port: port)
                try await browser.get("/write")
                let good = "sess=\(try #require(browser.token))"
                let bad = { "sess=\(PlantedToken.random().text)" }
                let rows: [(cookies: [String], isFound: Bool, lookups: Int?)] = [
                    ([good], true, 1), (["\(bad()); \(good)"], true, 2), (["\(good); \(bad())"], true, 1),
                    (["sess=x; \(good)"], true, 1), (["\(bad()); \(bad()); \(good)"], false, 2),
                    (["sess=; a=b;\(good)"], true, 1), (["a=b;\t\(good) ;c=d"], true, 1), ([bad(), good], true, 2),
                    (["sess=x"], false, nil),
                ]
                for (cookies, isFound, lookups) in rows {
                    try await server.resetCounts()
                    let request = TestRequest.get("/read", headers: cookies.map { ("Cookie", $0) })
                    let response = try await browser.client.send(request, to: port)
                    #expect(response.text == "\(isFound)", "\(cookies.count)")
                    #expect(try await server.commandCounts()["hgetall"] == lookups)
                }
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "C4 Destroy against every kind of write in flight: nothing lives on, and no cookie is sent",
        arguments: StoreKind.allCases, AdapterKind.allCases
    )
    func destroyInFlight(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        typealias Step = @Sendable (Session) async throws -> Void
        let steps: [(name: String, step: Step)] = [
            ("set", { $0["b"] = 1 }), ("read", { _ = $0["a"] }), ("touch", { try await $0.touch() }),
            ("rotate", { try await $0.rotate() }), ("increment", { try await $0.increment("n") }),
            (
                "save",
                { session in
                    session["b"] = 1
                    try await session.save()
                }
            ),
            ("update", { _ = try await $0.update { $0["n", default: 0] += 1 } }), ("replace", { $0.data = ["z": 1] }),
        ]
        try await withStore(kind) { store in
            let gate = Gate()
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.post("/begin") { request in
                    request.session["a"] = 1
                    return "\(request.session.id)"
                }
                app.post("/destroy") { request in
                    try await request.session.destroy()
                    return "ok"
                }
                for (name, step) in steps {
                    app.post("/late/\(name)") { request in
                        await gate.pass()
                        try await step(request.session)
                        return "ok"
                    }
                }
            } _: { port in
                for (name, _) in steps {
                    let browser = Browser(port: port)
                    let id = try ModelID(try await browser.post("/begin").text)
                    let late = browser.copy()
                    async let inFlight = late.post("/late/\(name)")
                    await gate.waitForOne()
                    #expect(try await browser.post("/destroy").status == 200)
                    gate.open()
                    let response = try await inFlight
                    #expect([200, 409].contains(response.status), "\(name)")
                    #expect(response.setCookies.allSatisfy { $0.contains("Max-Age=0") }, "\(name)")
                    #expect(try await store.sessions.fetch(id) == nil, "\(name)")
                    if let server = store.server {
                        #expect(try await !server.keys().contains { $0.contains("\(id)") }, "\(name)")
                    }
                    #expect(try await late.copy().post("/late/\(name)", opening: gate).status == 200)
                    for client in [browser, late] { await client.client.closeIdle() }
                }
            }
        }
    }
}

/// Holds a request up until a test lets it go on.
private final class Gate: Sendable {
    private struct State {
        var held: [CheckedContinuation<Void, Never>] = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let waiter = state.withLock { state in
                state.held.append(continuation)
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    func waitForOne() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.held.isEmpty { state.waiter = continuation }
                return !state.held.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }

    func open() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }
}

extension Browser {
    fileprivate func post(_ path: String, opening gate: Gate) async throws -> TestResponse {
        async let response = post(path)
        await gate.waitForOne()
        gate.open()
        return try await response
    }
}
