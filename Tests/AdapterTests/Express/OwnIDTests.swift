import HTTPTypes
import Modeler
import Sess
import SessTestSupport
import SessTesting
import Synchronization
import Testing

/// Ids that the app makes.
@Suite("Ids of the app's own")
struct OwnIDTests {
    private static func addRoutes(_ app: AppRoutes) {
        for path in ["/write", "/tenant-a/write"] {
            app.post(path) { request in
                request.session["n", default: 0] += 1
                return "\(request.session.id) \(request.session["n", default: 0])"
            }
        }
        app.post("/tenant-a/regenerate") { request in
            try await request.session.regenerate()
            request.session["n"] = 10
            return "\(request.session.id)"
        }
        app.get("/read") { request in "\(request.session["n"].int ?? 0)" }
    }

    @Test(
        "E15 The app's generator gets the request, its ids name sessions, and knowing one gives nothing",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func generator(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let user = try #require(HTTPField.Name("X-User"))
        let last = Mutex(0)
        try await withSessions(kind, adapter) {
            $0.makeID = { request in
                let number = last.withLock { last in
                    last += 1
                    return last
                }
                let tenant = request.path.split(separator: "/").first ?? "-"
                return "\(tenant).\(request.headerFields[user] ?? "nobody").\(number)"
            }
        } routes: { app in
            Self.addRoutes(app)
        } _: { served in
            let browser = Browser(port: served.port)
            let written = try await browser.send(.post("/tenant-a/write", headers: [("X-User", "ann")]))
            #expect(written.text == "tenant-a.ann.1 1")
            #expect(written.setCookies.first?.hasPrefix("sess=v1.tenant-a.ann.1.") == true)
            #expect(try await served.store.sessions.fetch(ModelID("tenant-a.ann.1")) != nil)
            #expect(try await browser.post("/write").text == "tenant-a.ann.1 2")
            #expect(last.withLock { $0 } == 1, "a session that is there needs no id")
            // Ids can be guessed; the secret can't.
            let token = try #require(browser.token)
            let guess =
                token.split(separator: ".").dropLast().joined(separator: ".") + "." + PlantedToken.random().secret
            for cookie in [guess, "v1.planted.\(PlantedToken.random().secret)"] {
                let headers = [(name: "Cookie", value: "sess=\(cookie)")]
                let read = try await browser.client.send(.get("/read", headers: headers), to: served.port)
                #expect(read.text == "0")
                let adopted = try await browser.client.send(.post("/write", headers: headers), to: served.port)
                #expect(adopted.text.hasPrefix("write.nobody."))
            }
            #expect(try await browser.get("/read").text == "2")
            let next = try await browser.send(.post("/tenant-a/regenerate", headers: [("X-User", "bob")]))
            #expect(next.text.hasPrefix("tenant-a.bob."))
            #expect(try await served.store.sessions.fetch(ModelID("tenant-a.ann.1")) == nil)
            #expect(try await browser.get("/read").text == "10")
            await browser.client.closeIdle()
        }
    }

    @Test(
        "E15 What is no id fails its request, and an id that is taken leaves its session alone",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func checked(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let id = Mutex("taken")
        try await withSessions(kind, adapter, options: { $0.makeID = { _ in id.withLock { $0 } } }) { app in
            Self.addRoutes(app)
        } _: { served in
            let (browser, client) = (Browser(port: served.port), TestHTTPClient())
            #expect(try await browser.post("/write").text == "taken 1")
            let again = try await client.send(.post("/write"), to: served.port)
            #expect(again.status == 409)
            #expect(again.setCookies.isEmpty)
            #expect(try await browser.get("/read").text == "1")
            let wrong = [
                "", "a b", "a:b", "é", "a\r\nSET x y", "a\0", "a*", "{a}", "a/../b", "_idx",
                String(repeating: "a", count: 129),
            ]
            for wrong in wrong {
                id.withLock { $0 = wrong }
                let calls = try await served.calls {
                    let response = try await client.send(.post("/write"), to: served.port)
                    #expect(response.status == 500, "\(wrong.debugDescription)")
                    #expect(response.setCookies.isEmpty)
                    #expect(wrong.isEmpty || !response.text.contains(wrong))
                }
                #expect(calls.isEmpty, "\(wrong.debugDescription)")
            }
            #expect(try await browser.post("/write").text == "taken 2", "one that has a session isn't held up")
            await browser.client.closeIdle()
            await client.closeIdle()
        }
    }
}
