import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Sessions beside each other.
@Suite("Clients and systems of sessions")
struct SystemsTests {
    private enum AdminSessions: SessionSystem {}

    @Test(
        "E1 Clients have sessions of their own, also where they write at once",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func clients(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter) { app in
            app.post("/write/:n") { request in
                request.session["n"] = .string(request.parameter("n") ?? "")
                return "\(request.session.id)"
            }
            app.get("/read") { request in request.session["n"].string ?? "nothing" }
        } _: { served in
            let browsers = (0..<8).map { _ in Browser(port: served.port) }
            let ids = try await concurrently(browsers.count, width: 8) { index in
                try await browsers[index].post("/write/\(index)").text
            }
            #expect(Set(ids).count == browsers.count)
            for (index, browser) in browsers.enumerated() {
                #expect(try await browser.get("/read").text == "\(index)")
                await browser.client.closeIdle()
            }
            let stranger = try await withBrowser(served.port) { try await $0.get("/read").text }
            #expect(stranger == "nothing")
        }
    }

    @Test(
        "E1 Two systems on one request, with cookies of their own: neither sees or ends the other's sessions",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func systems(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let visitors = SessionManager(sessions: store.sessions)
            let admins = AppSystem(
                AdminSessions.self, try SessionManager(sessions: store.sessions, cookieName: "admin"))
            try await withApp(on: adapter, visitors, systems: [admins]) { app in
                app.get("/read") { request in
                    "\(request.session["n"].int ?? 0) \(request.session(of: AdminSessions.self)["n"].int ?? 0)"
                }
                app.post("/visitor") { request in
                    request.session["n", default: 0] += 1
                    return "\(request.session.id)"
                }
                app.post("/admin") { request in
                    request.session(of: AdminSessions.self)["n", default: 0] += 10
                    return "\(request.session(of: AdminSessions.self).id)"
                }
                app.post("/both") { request in
                    request.session["n", default: 0] += 1
                    request.session(of: AdminSessions.self)["n", default: 0] += 10
                    return "ok"
                }
                app.post("/broken") { request in
                    request.session["n"] = 9
                    request.session(of: AdminSessions.self)["n", as: Double.self] = .nan
                    return "ok"
                }
                app.post("/logout") { request in
                    try await request.session(of: AdminSessions.self).destroy()
                    return "ok"
                }
                app.get("/load/:id") { request in
                    let id = try ModelID(request.parameter("id") ?? "")
                    let admin = request.session(of: AdminSessions.self)
                    let isOwn = try await request.requestSessions.load(id) === request.session
                    let isAdmin = try await request.requestSessions.load(id, of: AdminSessions.self) === admin
                    return "\(isOwn) \(isAdmin)"
                }
            } _: { port in
                let (browser, other) = (Browser(port: port), Browser(port: port))
                #expect(try await browser.get("/read").setCookies.isEmpty)
                let visitor = try await browser.post("/visitor")
                #expect(visitor.setCookies.map { $0.prefix(5) } == ["sess="])
                let admin = try await browser.post("/admin")
                #expect(admin.setCookies.map { $0.prefix(6) } == ["admin="])
                #expect(visitor.text != admin.text)
                #expect(try await browser.get("/read").text == "1 10")
                #expect(try await browser.get("/load/\(visitor.text)").text == "true false")
                #expect(try await browser.get("/load/\(admin.text)").text == "false true")
                let both = try await other.post("/both")
                #expect(Set(both.setCookies.map { $0.prefix { $0 != "=" } }) == ["sess", "admin"])
                #expect(both["Vary"].joined(separator: ", ") == "Cookie")
                #expect(try await browser.post("/broken").status == 500)
                #expect(try await browser.get("/read").text == "1 10", "what one can't save, neither saves")
                let ended = try await browser.post("/logout")
                #expect(ended.setCookies.map { $0.prefix(7) } == ["admin=;"])
                #expect(try await browser.get("/read").text == "1 0")
                #expect(try await other.get("/read").text == "1 10")
                for browser in [browser, other] { await browser.client.closeIdle() }
            }
        }
    }
}
