import Middler
import Modeler
import Sess
import SessMiddler
import SessTestSupport
import Testing

/// From a session to the app's user in chains.
@Suite struct MiddlerUserTests {
    struct Account: Sendable {
        var name: String
    }

    @Test("A request has the app's user of its session; who isn't signed in or isn't found any more gets a 401")
    func user() async throws {
        let chain = HandlerChain()
            .add(sess(SessionManager(sessions: MemoryCollection(name: "sessions"))))
            .add(UserHandler { id in id == "alice" ? Account(name: "Alice") : nil })
            .get("/enter/:id") { request -> String in
                try await request.session.signIn(userID: request.parameters["id"] ?? "")
                return "ok"
            }
            .get("/me") { request in try request.requireUser(Account.self).name }
            .get("/maybe") { request in request.user(Account.self)?.name ?? "nobody" }
            .get("/late") { request -> String in
                try request.session.requireRecentSignIn(within: .seconds(-1))
                return "ok"
            }
        try await withChain(chain) { port in
            let browser = Browser(port: port)
            for path in ["/me", "/late"] { #expect(try await browser.get(path).status == 401) }
            #expect(try await browser.get("/maybe").text == "nobody")
            try await browser.get("/enter/alice")
            #expect(try await browser.get("/me").text == "Alice")
            #expect(try await browser.get("/late").status == 403)
            try await browser.get("/enter/deleted")
            #expect(try await browser.get("/me").status == 401)
            #expect(try await browser.get("/maybe").text == "nobody")
            await browser.client.closeIdle()
        }
    }
}
