import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Sessions that get another id or another token.
@Suite("Regenerate and rotate")
struct NewTokenTests {
    private static func addRoutes(_ app: AppRoutes) {
        app.post("/write/:n") { request in
            request.session["n"] = .string(request.parameter("n") ?? "")
            return "\(request.session.id)"
        }
        app.get("/read") { request in "\(request.session.names.sorted().joined()) \(request.session["n"].string ?? "")"
        }
        app.get("/id") { request in "\(request.session.id)" }
        app.post("/regenerate") { request in
            try await request.session.regenerate()
            return "\(request.session.id) \(request.session.names.count) \(request.session.revision)"
        }
        app.post("/regenerate-and-write") { request in
            request.session["lost"] = 1
            try await request.session.regenerate()
            request.session["n"] = "new"
            return "\(request.session.id)"
        }
        app.post("/rotate") { request in
            request.session["m"] = 1
            try await request.session.rotate()
            request.session["o"] = 1
            return "\(request.session.id)"
        }
    }

    @Test(
        "E11 regenerate gives a new id and an empty session; the old record and its cookie are gone",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func regenerate(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter, routes: Self.addRoutes) { served in
            let sessions = served.store.sessions
            let browser = Browser(port: served.port)
            let first = try ModelID(try await browser.post("/write/old").text)
            let thief = browser.copy()
            let regenerated = try await browser.post("/regenerate")
            let parts = regenerated.text.split(separator: " ")
            #expect(parts.first.map(String.init) != first.rawValue && parts.dropFirst() == ["0", "0"])
            #expect(regenerated.setCookies.count == 1)
            #expect(browser.token == nil, "an empty session has no cookie")
            #expect(try await sessions.fetch(first) == nil)
            #expect(try await thief.get("/read").text == " ")

            let second = try ModelID(try await browser.post("/write/old").text)
            let before = browser.copy()
            let written = try await browser.post("/regenerate-and-write")
            let third = try ModelID(written.text)
            #expect(Set([first, second, third]).count == 3)
            #expect(written.setCookies.count == 1)
            #expect(written.setCookies.first?.hasPrefix("sess=v1.\(third).") == true)
            #expect(try await browser.get("/read").text == "n new", "nothing of the old one's is in it")
            #expect(try await browser.get("/id").text == third.rawValue)
            #expect(try await sessions.fetch(second) == nil)
            #expect(try await before.get("/read").text == " ")
            for browser in [browser, thief, before] { await browser.client.closeIdle() }
        }
    }

    @Test(
        "E11 rotate gives a new token with the data kept; the old one is dead at once",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func rotate(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter, routes: Self.addRoutes) { served in
            let browser = Browser(port: served.port)
            let id = try await browser.post("/write/kept").text
            let thief = browser.copy()
            let rotated = try await browser.post("/rotate")
            #expect(rotated.text == id, "the record stays, and with it its place in lists")
            #expect(rotated.setCookies.count == 1)
            #expect(rotated["Cache-Control"] == ["no-store"])
            let (old, new) = (try #require(thief.token), try #require(browser.token))
            #expect(new != old)
            #expect(new.split(separator: ".").last != old.split(separator: ".").last)
            #expect(try await browser.get("/read").text == "mno kept")
            #expect(try await thief.get("/read").text == " ")
            #expect(try await thief.post("/write/stolen").text != id)
            #expect(try await browser.get("/read").text == "mno kept")
            for browser in [browser, thief] { await browser.client.closeIdle() }
        }
    }
}
