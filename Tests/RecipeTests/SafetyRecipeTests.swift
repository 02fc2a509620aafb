import Hummingbird
import Modeler
import Sess
import SessHummingbird
import SessTestSupport
import SessTesting
import Testing

@Suite("Recipes of forms, users and streams")
struct SafetyRecipeTests {
    @Test("Recipes: a form of another site is refused, and one of this site without its token")
    func forms() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let router = Router(context: AppContext.self)
        try addProtection(to: router, manager: manager)
        addTransfer(to: router)
        router.post("saml/acs") { _, _ in "taken" }
        try await withRouter(router) { port in
            let browser = Browser(port: port)
            let page = try await browser.get("/transfer").text
            let token = try #require(page.split(separator: "value=\"").last?.prefix { $0 != "\"" })
            #expect(try await browser.send(.form("/transfer", "amount=5&csrf=\(token)")).text == "sent 5")
            #expect(try await browser.send(.form("/transfer", "amount=5&csrf=no")).status == 403)
            var foreign = TestRequest.form("/transfer", "amount=5&csrf=\(token)")
            foreign.headers.append(("Sec-Fetch-Site", "cross-site"))
            foreign.headers.append(("Origin", "https://evil.example"))
            #expect(try await browser.send(foreign).status == 403)
            foreign.path = "/saml/acs"
            #expect(try await browser.send(foreign).status == 200)
            await browser.client.closeIdle()
        }
    }

    @Test("Recipes: the app's user is in the context, and an account is deleted by a recent sign-in only")
    func user() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let router = userRouter(manager: manager, accounts: ["alice": Account(name: "Alice")])
        router.get("enter") { _, context in
            try await context.session.signIn(userID: "alice")
            return "ok"
        }
        try await withRouter(router) { port in
            let browser = Browser(port: port)
            #expect(try await browser.get("/me").status == 401)
            #expect(try await browser.send(.delete("/me")).status == 401)
            try await browser.get("/enter")
            #expect(try await browser.get("/me").text == "Alice")
            #expect(try await browser.send(.delete("/me")).text == "deleted Alice")
            await browser.client.closeIdle()
        }
    }

    @Test("Recipes: server-sent events begin at once and end with their session", .timeLimit(.minutes(2)))
    func events() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let router = Router(context: AppContext.self)
        router.add(middleware: SessMiddleware(manager))
        addEvents(to: router, manager: manager)
        router.get("enter") { _, context in
            try await context.session.signIn(userID: "alice")
            return "ok"
        }
        try await withRouter(router) { port in
            let browser = Browser(port: port)
            #expect(try await browser.get("/events").status == 204)
            try await browser.get("/enter")
            async let events = browser.copy().get("/events")
            // The stream is open once the manager waits for the session's end, which the next line may overtake: it
            // then ends at once.
            try await Task.sleep(for: .milliseconds(100))
            try await manager.revokeAll(of: "alice")
            let response = try await events
            #expect(response.status == 200 || response.status == 204)
            await browser.client.closeIdle()
        }
    }
}
