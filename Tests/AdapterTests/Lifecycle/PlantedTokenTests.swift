import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Tokens that no server issued, and texts that are none.
@Suite struct PlantedTokenTests {
    private static func addRoutes(to app: AppRoutes) {
        app.post("/write") { request in
            request.session["a", default: 0] += 1
            return "\(request.session.id)"
        }
        app.get("/read") { request in "\(request.session.id) \(request.session["a", default: 0])" }
        app.get("/n") { request in "\(request.session["n", default: 0])" }
    }

    @Test(
        "L3 Well-formed tokens that were never issued are not adopted, also where the handler writes",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func fixation(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let manager = SessionManager(sessions: store.sessions)
            try await withApp(on: adapter, manager, routes: Self.addRoutes) { port in
                let client = TestHTTPClient()
                let count = TestScale.count(300, full: 10_000)
                let adopted = try await concurrently(count, width: 8) { _ in
                    let token = PlantedToken.random()
                    let response = try await client.send(
                        .post("/write", headers: [("Cookie", "sess=\(token.text)")]), to: port)
                    let isStored = try await store.sessions.fetch(ModelID(token.id)) != nil
                    let cookie = response.setCookies.first ?? token.id
                    return isStored || response.status != 200 || response.text == token.id
                        || cookie.contains(token.id) || cookie.contains(token.secret)
                }
                #expect(adopted.count == count && !adopted.contains(true))
                if let server = store.server { #expect(try await server.keys().count == count) }
                await client.closeIdle()
            }
        }
    }

    @Test(
        "L3 The id of a living session with another secret gives nothing, and does nothing to it",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func wrongSecret(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let manager = SessionManager(sessions: store.sessions)
            try await withApp(on: adapter, manager, routes: Self.addRoutes) { port in
                let browser = Browser(port: port)
                let id = try await browser.post("/write").text
                var planted = PlantedToken.random()
                planted.id = id
                let cookie = [(name: "Cookie", value: "sess=\(planted.text)")]
                #expect(try await browser.client.send(.get("/read", headers: cookie), to: port).text.hasSuffix(" 0"))
                #expect(try await browser.client.send(.post("/write", headers: cookie), to: port).text != id)
                #expect(try await browser.get("/read").text == "\(id) 1")
                #expect(try await store.sessions.fetch(ModelID(id))?.revision == 1)
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "L4 Malformed, overlong, NUL, CR LF and prefix-escaping tokens never reach the store",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func malformed(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let counted = InterposedCollection(store.sessions)
            try await withApp(on: adapter, SessionManager(sessions: counted), routes: Self.addRoutes) { port in
                try await store.server?.resetCounts()
                for header in HostileCookies.fields() {
                    let what: Comment = "\(String(decoding: header.prefix(80), as: UTF8.self))"
                    let request = Array("GET /n HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: ".utf8) + header
                    let response = try await RawSocket.exchange(port: port, request + Array("\r\n\r\n".utf8))
                    let text = String(decoding: response, as: UTF8.self)
                    #expect(!text.hasPrefix("HTTP/1.1 5"), what)
                    #expect(!text.lowercased().contains("set-cookie"), what)
                    #expect(counted.log == [], what)
                }
                if let server = store.server { #expect(try await server.commandCounts().isEmpty) }
                // Their well-formed neighbour does.
                let planted = "sess=\(PlantedToken.random().text)"
                let client = TestHTTPClient()
                #expect(try await client.send(.get("/n", headers: [("Cookie", planted)]), to: port).text == "0")
                #expect(counted.log == [.fetch])
                await client.closeIdle()
            }
        }
    }

    @Test(
        "L4 Names and values with CR LF and NUL are stored as they are, and are no commands",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func injection(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let (name, value) = ("a\r\nSET evil 1\r\n", "b\r\nSET evil 1\r\n\0")
        try await withStore(kind) { store in
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/write") { request in
                    request.session[name] = .string(value)
                    return "ok"
                }
                app.get("/read") { request in request.session[name, default: "none"] }
            } _: { port in
                let browser = Browser(port: port)
                try await browser.get("/write")
                #expect(try await browser.get("/read").text == value)
                if let server = store.server { #expect(try await server.keys().count == 1) }
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "L5 Of many cookies of the name a valid one is found in every place, by two look-ups at most",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func duplicates(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let counted = InterposedCollection(store.sessions)
            try await withApp(on: adapter, SessionManager(sessions: counted), routes: Self.addRoutes) { port in
                let browser = Browser(port: port)
                let id = try await browser.post("/write").text
                let good = "sess=\(try #require(browser.token))"
                let bad = { "sess=\(PlantedToken.random().text)" }
                let rows: [(cookies: [String], isFound: Bool, lookups: Int)] = [
                    ([good], true, 1), (["\(bad()); \(good)"], true, 2), (["\(good); \(bad())"], true, 1),
                    (["sess=x; \(good)"], true, 1), (["\(bad()); \(bad()); \(good)"], true, 2),
                    (["sess=; a=b;\(good)"], true, 1), (["a=b;\t\(good) ;c=d"], true, 1), ([bad(), good], true, 2),
                    ([bad(), bad(), good], true, 2), ((0..<80).map { _ in bad() } + [good], true, 2),
                    (["x=" + String(repeating: "y", count: 12_000) + "; \(good)"], true, 1), ([good, good], true, 1),
                    (["sess=x"], false, 0),
                    (Array(repeating: bad(), count: 3), false, 1),
                ]
                for (number, row) in rows.enumerated() {
                    let before = counted.log.count
                    let request = TestRequest.get("/read", headers: row.cookies.map { ("Cookie", $0) })
                    let response = try await browser.client.send(request, to: port)
                    #expect((response.text == "\(id) 1") == row.isFound, "row \(number)")
                    #expect(
                        counted.log.dropFirst(before) == Array(repeating: .fetch, count: row.lookups)[...],
                        "row \(number)")
                }
                await browser.client.closeIdle()
            }
        }
    }
}
