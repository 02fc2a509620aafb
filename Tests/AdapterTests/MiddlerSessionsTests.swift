import HTTPTypes
import Middler
import Modeler
import Sess
import SessMiddler
import SessTestSupport
import SessTesting
import Testing

/// Sessions in chains: what only chains have.
@Suite struct MiddlerSessionsTests {
    struct Whoops: Error {}

    @Test("A session's end reaches the client also where the chain's error handler answers")
    func errorHandler() async throws {
        let store = MemoryCollection(name: "sessions")
        let inner = HandlerChain()
            .post("/begin") { request in
                request.session["a"] = 1
                return "\(request.session.id)"
            }
            .post("/end") { request -> String in
                try await request.session.destroy()
                throw Whoops()
            }
            .post("/rotate") { request -> String in
                try await request.session.rotate()
                request.session["lost"] = 1
                throw Whoops()
            }
            .get("/read") { request in request.session.names.joined(separator: " ") }
        let chain = HandlerChain().add(sess(SessionManager(sessions: store))).add(inner)
            .onError { _, _ in Response.text("sorry", status: .notImplemented) }
        try await withChain(chain) { port in
            let browser = Browser(port: port)
            let id = try ModelID(try await browser.post("/begin").text)
            let before = browser.token
            let rotated = try await browser.post("/rotate")
            #expect(rotated.status == 501)
            #expect(rotated.setCookies.count == 1)
            #expect(browser.token != before)
            #expect(try await browser.get("/read").text == "a")
            let ended = try await browser.post("/end")
            #expect(ended.status == 501)
            #expect(ended.text == "sorry")
            #expect(browser.token == nil)
            #expect(ended["Cache-Control"] == ["no-store"])
            #expect(try await store.fetch(id) == nil)
            await browser.client.closeIdle()
        }
    }

    @Test("S15 request.requestSessions[id] is the request's own session, another one, or none")
    func byID() async throws {
        let chain = HandlerChain().add(sess())
            .post("/begin") { request in
                request.session["a"] = 1
                return "\(request.session.id)"
            }
            .get("/other/:id") { request in
                guard let other = try await request.requestSessions[ModelID(request.parameters.require("id"))] else {
                    return "none"
                }
                return other === request.session ? "own" : "\(other["a"].int ?? 0)"
            }
        try await withChain(chain) { port in
            let (alice, bob) = (Browser(port: port), Browser(port: port))
            let id = try await alice.post("/begin").text
            #expect(try await alice.get("/other/\(id)").text == "own")
            #expect(try await bob.get("/other/\(id)").text == "1")
            #expect(try await bob.get("/other/AAAAAAAAAAAAAAAAAAAAAA").text == "none")
            for browser in [alice, bob] { await browser.client.closeIdle() }
        }
    }
}
