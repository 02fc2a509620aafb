import HTTPTypes
import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Tokens that come in another place than a cookie.
@Suite struct TransportTests {
    private static let header = "X-Session"

    private static func addRoutes(to app: AppRoutes) {
        app.post("/write") { request in
            request.session["a"] = 1
            try await request.session.save()
            return request.session.revealToken() ?? "none"
        }
        app.post("/rotate") { request in
            try await request.session.rotate()
            return request.session.revealToken() ?? "none"
        }
        app.post("/destroy") { request in
            try await request.session.destroy()
            return "ok"
        }
        app.get("/read") { request in "\(request.session["a", default: 0])" }
    }

    private static func bearer(_ token: String) -> [(name: String, value: String)] {
        [("Authorization", "Bearer \(token)")]
    }

    @Test(
        "L10 A header carries the token both ways; no cookie is sent, and one that has the token is not looked at",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func header(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let name = try #require(HTTPField.Name(Self.header))
        try await withStore(kind) { store in
            var options = SessionOptions()
            options.tokens.transports = [.header(name)]
            let manager = try SessionManager(sessions: store.sessions, options: options)
            try await withApp(on: adapter, manager, routes: Self.addRoutes) { port in
                let client = TestHTTPClient()
                let written = try await client.send(.post("/write"), to: port)
                let token = try #require(written[Self.header].first)
                #expect(token == written.text)
                #expect(written.setCookies.isEmpty && written["Cache-Control"] == ["no-store"])
                #expect(written["Vary"] == [Self.header])
                let read = try await client.send(.get("/read", headers: [(Self.header, token)]), to: port)
                #expect(read.text == "1" && read[Self.header].isEmpty)
                for headers in [[("Cookie", "sess=\(token)")], Self.bearer(token)] {
                    #expect(try await client.send(.get("/read", headers: headers), to: port).text == "0")
                }
                let rotated = try await client.send(.post("/rotate", headers: [(Self.header, token)]), to: port)
                #expect(rotated[Self.header] == [rotated.text] && rotated.text != token)
                let ended = try await client.send(.post("/destroy", headers: [(Self.header, rotated.text)]), to: port)
                #expect(ended[Self.header] == [""], "the client is told to forget it")
                await client.closeIdle()
            }
        }
    }

    @Test(
        "L10 A bearer token is handed over by the app alone; the scheme's case does not count",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func bearer(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            var options = SessionOptions()
            options.tokens.transports = [.bearer]
            let manager = try SessionManager(sessions: store.sessions, options: options)
            try await withApp(on: adapter, manager, routes: Self.addRoutes) { port in
                let client = TestHTTPClient()
                let written = try await client.send(.post("/write"), to: port)
                let token = written.text
                #expect(!written.headers.contains { $0.value.contains(token) })
                for scheme in ["Bearer", "bearer", "BEARER"] {
                    let request = TestRequest.get("/read", headers: [("Authorization", "\(scheme) \(token)")])
                    let read = try await client.send(request, to: port)
                    #expect(read.text == "1" && read["Vary"] == ["Authorization"])
                }
                for value in [token, "Basic \(token)", "Bearer  \(token)", "Bearer \(token)x", "Bearer"] {
                    let request = TestRequest.get("/read", headers: [("Authorization", value)])
                    #expect(try await client.send(request, to: port).text == "0", "\(value.count) bytes")
                }
                await client.closeIdle()
            }
        }
    }

    @Test(
        "L10 Cookie and bearer are tried in the configured order; the answer goes the way the token came",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func order(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for transports in [[SessionTransport.cookie, .bearer], [.bearer, .cookie]] {
            try await withStore(kind) { store in
                let counted = InterposedCollection(store.sessions)
                var options = SessionOptions()
                options.tokens.transports = transports
                let manager = try SessionManager(sessions: counted, options: options)
                let isCookieFirst = transports[0] == .cookie
                try await withApp(on: adapter, manager) { app in
                    Self.addRoutes(to: app)
                    app.post("/name/:name") { request in
                        request.session["name"] = .string(request.parameter("name") ?? "")
                        try await request.session.save()
                        return request.session.revealToken() ?? "none"
                    }
                    app.get("/name") { request in request.session["name", default: "nobody"] }
                } _: { port in
                    let client = TestHTTPClient()
                    let made = try await client.send(.post("/name/one"), to: port)
                    #expect(made.setCookies.count == (isCookieFirst ? 1 : 0), "the first transport is a new one's")
                    let one = made.text
                    let two = try await client.send(.post("/name/two"), to: port).text
                    let wrong = { PlantedToken.random().text }
                    let rows: [(cookies: [String], bearer: String, name: String, lookups: Int)] = [
                        ([one], two, isCookieFirst ? "one" : "two", 1), ([], two, "two", 1),
                        ([wrong()], two, "two", isCookieFirst ? 2 : 1), ([one], wrong(), "one", isCookieFirst ? 1 : 2),
                        ([wrong(), wrong()], two, "two", isCookieFirst ? 2 : 1),
                        ([one], "x", "one", 1), (["x"], two, "two", 1),
                    ]
                    for (number, row) in rows.enumerated() {
                        let before = counted.log.count
                        let cookies = row.cookies.map { (name: "Cookie", value: "sess=\($0)") }
                        let request = TestRequest.get("/name", headers: cookies + Self.bearer(row.bearer))
                        #expect(try await client.send(request, to: port).text == row.name, "row \(number)")
                        #expect(counted.log.count - before == row.lookups, "row \(number)")
                    }
                    let byBearer = try await client.send(.post("/rotate", headers: Self.bearer(two)), to: port)
                    #expect(byBearer.setCookies.isEmpty)
                    #expect(!byBearer.headers.contains { $0.value.contains(byBearer.text) })
                    let byCookie = try await client.send(
                        .post("/rotate", headers: [("Cookie", "sess=\(one)")]), to: port)
                    #expect(byCookie.setCookies.count == 1 && byCookie.setCookies[0].contains(byCookie.text))
                    await client.closeIdle()
                }
            }
        }
    }
}
