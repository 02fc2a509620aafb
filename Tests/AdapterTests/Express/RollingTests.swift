import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Cookies that are sent anew with every response.
@Suite("Rolling sessions")
struct RollingTests {

    @Test(
        "E8 Rolling off: no cookie for what wasn't changed; on: cookie and deadline with every response",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func rolling(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            for isRolling in [false, true] {
                try await serve(store, adapter) {
                    $0.rolling = isRolling
                    $0.cookie = try SessionCookie(persistence: .sessionLifetime)
                    $0.timeouts.expiry = Expiry(idle: .seconds(1000))
                    $0.timeouts.anonymous = nil
                } routes: { app in
                    Self.addRoutes(app)
                } _: { served in
                    let browser = Browser(port: served.port)
                    let id = try ModelID(try await browser.get("/write").text)
                    let token = try #require(browser.token)
                    for path in ["/read", "/untouched", "/read"] {
                        let before = try await served.store.sessions.fetch(id)?.lifetime?.expires
                        // Deadlines are kept in milliseconds.
                        try await Task.sleep(for: .milliseconds(5))
                        let response = try await browser.get(path)
                        let after = try await served.store.sessions.fetch(id)?.lifetime?.expires
                        let (old, new) = (try #require(before), try #require(after))
                        #expect((new > old) == isRolling, "\(path)")
                        #expect(response.setCookies.count == (isRolling ? 1 : 0), "\(path)")
                        #expect(response.setCookies.allSatisfy { $0.contains("=\(token); Max-Age=1000;") }, "\(path)")
                        #expect(browser.token == token)
                    }
                    await browser.client.closeIdle()
                }
            }
        }
    }

    @Test(
        "E8 Rolling sends no cookie for a session that isn't stored, was ended, or takes no part",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func nothingStored(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter) {
            $0.rolling = true
            $0.cookie = try SessionCookie(path: "/in")
        } routes: { app in
            for prefix in ["/in", ""] { Self.addRoutes(app, prefix) }
        } _: { served in
            let stranger = [(name: "Cookie", value: "sess=\(PlantedToken.random().text)")]
            let client = TestHTTPClient()
            let calls = try await served.calls {
                for path in ["/in/read", "/in/untouched", "/in/undone", "/in/end", "/write", "/read"] {
                    #expect(try await client.send(.get(path), to: served.port).setCookies.isEmpty, "\(path)")
                    let response = try await client.send(.get(path, headers: stranger), to: served.port)
                    #expect(response.setCookies.isEmpty, "\(path)")
                }
            }
            #expect(Set(calls) == [.fetch])
            try await withBrowser(served.port) { browser in
                try await browser.get("/in/write")
                #expect(try await browser.get("/in/read").setCookies.count == 1)
                let ended = try await browser.get("/in/end")
                #expect(ended.setCookies.count == 1)
                #expect(ended.setCookies.first?.contains("Max-Age=0;") == true)
                #expect(try await browser.get("/in/read").setCookies.isEmpty)
            }
            await client.closeIdle()
        }
    }

    private static func addRoutes(_ app: AppRoutes, _ prefix: String = "") {
        app.get("\(prefix)/write") { request in
            request.session["a"] = 1
            return "\(request.session.id)"
        }
        app.get("\(prefix)/read") { request in "\(request.session.contains("a"))" }
        app.get("\(prefix)/untouched") { _ in "ok" }
        app.get("\(prefix)/undone") { request in
            request.session["a"] = 1
            request.session.unset("a")
            return "ok"
        }
        app.get("\(prefix)/end") { request in
            try await request.session.destroy()
            return "ok"
        }
    }
}
