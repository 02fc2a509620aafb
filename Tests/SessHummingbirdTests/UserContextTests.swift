import HTTPTypes
import Hummingbird
import Modeler
import SessHummingbird
import SessTestSupport
import Testing

/// From a session to the app's user.
@Suite struct UserContextTests {
    struct Account: Sendable {
        var name: String
    }

    @Test("The context has the app's user of the session; who isn't signed in or isn't found any more gets a 401")
    func user() async throws {
        let router = Router(context: BasicSessUserRequestContext<Account>.self)
        router.add(middleware: SessMiddleware(SessionManager(sessions: MemoryCollection(name: "sessions"))))
        router.add(
            middleware: SessUserMiddleware { id in
                if id == "broken" { throw HTTPError(.badGateway) }
                return id == "alice" ? Account(name: "Alice") : nil
            })
        router.get("enter/:id") { _, context in
            try await context.session.signIn(userID: context.parameters.require("id"))
            return "ok"
        }
        router.get("me") { _, context in try context.requireUser().name }
        router.get("maybe") { _, context in context.user?.name ?? "nobody" }
        router.get("sudo") { _, context in
            try context.session.requireRecentSignIn(within: .seconds(600))
            return "ok"
        }
        router.get("late") { _, context in
            try context.session.requireRecentSignIn(within: .seconds(-1))
            return "ok"
        }
        try await withRouter(router) { port in
            let browser = Browser(port: port)
            for path in ["/me", "/sudo", "/late"] { #expect(try await browser.get(path).status == 401) }
            #expect(try await browser.get("/maybe").text == "nobody")
            try await browser.get("/enter/alice")
            #expect(try await browser.get("/me").text == "Alice")
            #expect(try await browser.get("/maybe").text == "Alice")
            #expect(try await browser.get("/sudo").status == 200)
            #expect(try await browser.get("/late").status == 403)
            try await browser.get("/enter/deleted")
            #expect(try await browser.get("/me").status == 401)
            #expect(try await browser.get("/maybe").text == "nobody")
            try await browser.get("/enter/broken")
            #expect(try await browser.get("/maybe").status == 502)
            await browser.client.closeIdle()
        }
    }
}
