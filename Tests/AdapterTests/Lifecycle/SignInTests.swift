import Modeler
import Sess
import SessTestSupport
import Testing

/// What a sign-in does to the token that the client came with.
@Suite struct SignInTests {
    @Test(
        "L2 A sign-in or rotation replaces the token and keeps the data; the old one is dead for the very next request",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func rotation(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withTwoServers(on: adapter, over: kind) { app in
            app.post("/write") { request in
                request.session["cart"] = ["tea"]
                return "\(request.session.id)"
            }
            app.post("/sign-in") { request in
                try await request.session.signIn(userID: "alice")
                return "\(request.session.id)"
            }
            app.post("/rotate") { request in
                try await request.session.rotate()
                return "\(request.session.id)"
            }
            app.get("/read") { request in
                let session = request.session
                return "\(session.id) \(session["cart"][0].string ?? "-") \(session.userID ?? "-") \(session.revision)"
            }
        } _: { first, second, store in
            for path in ["/rotate", "/sign-in"] {
                let user = path == "/sign-in" ? "alice" : "-"
                let browser = Browser(port: first)
                let id = try await browser.post("/write").text
                let thief = browser.copy()
                #expect(try await thief.get("/read", to: second).text == "\(id) tea - 1")
                let rotated = try await browser.post(path)
                #expect(rotated.text == id)
                #expect(rotated.setCookies.count == 1)
                #expect(browser.token != thief.token)
                for port in [second, first] {
                    let stolen = try await thief.get("/read", to: port)
                    #expect(stolen.text.hasSuffix(" - - 0") && !stolen.text.hasPrefix(id))
                    #expect(stolen.setCookies.isEmpty)
                    #expect(try await browser.get("/read", to: port).text == "\(id) tea \(user) 2")
                }
                // What the old token's holder does is done to another session.
                for action in ["/write", "/rotate", "/sign-in"] {
                    #expect(try await thief.post(action, to: second).text != id)
                }
                #expect(thief.token?.contains(id) == false)
                #expect(try await browser.get("/read").text == "\(id) tea \(user) 2")
                #expect(try await store.sessions.fetch(ModelID(id))?.revision == 2)
                await browser.client.closeIdle()
            }
        }
    }
}
