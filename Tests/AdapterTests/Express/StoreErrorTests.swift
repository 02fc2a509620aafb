import Modeler
import Sess
import SessTestSupport
import SessTesting
import Synchronization
import Testing

/// Stores that fail, and cookies that are none of theirs.
@Suite("Store errors and foreign cookies")
struct StoreErrorTests {
    @Test(
        "E2 A store's error is the request's: before its handler, in it, and after it",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func errors(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let events = EventLog()
        let handled = Mutex<[SessionError.Code]>([])
        try await withSessions(kind, adapter, options: { $0.onEvent = events.append }) { app in
            app.get("/read") { request in
                handled.withLock { $0.append(.gone) }
                return "handled \(request.session["n", default: 0])"
            }
            app.post("/write") { request in
                request.session["n", default: 0] += 1
                return "handled"
            }
            app.post("/save") { request in
                request.session["n", default: 0] += 1
                do throws(SessionError) {
                    try await request.session.save()
                } catch {
                    handled.withLock { $0.append(error.code) }
                    throw error
                }
                return "handled"
            }
        } _: { served in
            func expectRefusal(_ response: TestResponse) {
                #expect(response.status == 503)
                #expect(response["Retry-After"] == ["1"])
                #expect(response["Cache-Control"] == ["no-store"])
                #expect(response.setCookies.isEmpty)
                #expect(!response.text.contains("handled") && !response.text.contains("for the test"))
                let reported = events.take()
                #expect(reported.count == 1)
                for event in reported {
                    guard case .storeUnavailable = event else {
                        Issue.record("\(event)")
                        return
                    }
                }
            }
            let browser = Browser(port: served.port)
            try await browser.post("/write")
            let token = browser.token
            try await served.failing([.fetch]) {
                expectRefusal(try await browser.get("/read"))
                #expect(handled.withLock { $0.isEmpty }, "the handler doesn't run for a session that can't be read")
            }
            try await served.failing([.commit]) { expectRefusal(try await browser.post("/write")) }
            try await served.failing([.commit]) { expectRefusal(try await browser.post("/save")) }
            #expect(handled.withLock { $0 } == [.storeUnavailable], "the handler hears of it too")
            try await served.failing([.insert]) {
                try await withBrowser(served.port) { expectRefusal(try await $0.post("/write")) }
            }
            #expect(browser.token == token, "an error takes no cookie away")
            #expect(try await browser.get("/read").text == "handled 1", "nothing of it was saved")
            #expect(events.take().isEmpty)
            if let breakDown = served.store.breakDown {
                try await breakDown()
                expectRefusal(try await browser.get("/read"))
                try await withBrowser(served.port) { expectRefusal(try await $0.post("/write")) }
                #expect(browser.token == token)
            }
            await browser.client.closeIdle()
        }
    }

    @Test(
        "E2 A token that isn't in the store gives a new id, and is never adopted",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func unknown(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter) { app in
            app.get("/id") { request in "\(request.session.id)" }
            app.post("/write") { request in
                request.session["a"] = 1
                return "\(request.session.id)"
            }
            app.post("/end") { request in
                try await request.session.destroy()
                return "ok"
            }
        } _: { served in
            let browser = Browser(port: served.port)
            let ended = try await browser.post("/write").text
            let endedToken = try #require(browser.token)
            try await browser.post("/end")
            let planted = PlantedToken.random()
            for (id, token) in [(planted.id, planted.text), (ended, endedToken)] {
                let headers = [(name: "Cookie", value: "sess=\(token)")]
                let read = try await browser.client.send(.get("/id", headers: headers), to: served.port)
                #expect(read.status == 200)
                #expect(read.text != id)
                #expect(read.setCookies.isEmpty)
                let written = try await browser.client.send(.post("/write", headers: headers), to: served.port)
                #expect(written.text != id)
                #expect(written.setCookies.count == 1)
                #expect(written.setCookies.first?.contains(token) == false)
                #expect(try await served.store.sessions.fetch(ModelID(id)) == nil)
                #expect(try await served.store.sessions.fetch(ModelID(written.text)) != nil)
            }
            await browser.client.closeIdle()
        }
    }

    @Test(
        "E2 A cookie that fails its check never reaches the store, malformed or forged",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func refused(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let keys = try SigningKeys(["a key that this test signs with"])
        try await withSessions(kind, adapter, options: { $0.tokens.signingKeys = keys }) { app in
            app.get("/read") { request in request.session["a"].string ?? "nothing" }
            app.post("/write") { request in
                request.session["a"] = "kept"
                return "ok"
            }
        } _: { served in
            let browser = Browser(port: served.port)
            try await browser.post("/write")
            let good = try #require(browser.token)
            let unsigned = PlantedToken.random().text
            let signature = good.suffix(44)
            let swapped = good.dropLast().last == "A" ? "E" : "A"
            let altered = good.dropLast(2) + swapped + good.suffix(1)
            let refused: [String] = [
                "", "x", ".", "v1", "v1..", unsigned, unsigned + ".", unsigned + signature, good + "x", "x" + good,
                String(good.dropLast()), String(altered), String(good.dropLast(44)),
                String(repeating: "A", count: 5_000), good.replacing("v1.", with: "v2."), "%76" + good.dropFirst(),
                "\"\(good)\"",
            ]
            let calls = try await served.calls {
                for value in refused {
                    let request = TestRequest.get("/read", headers: [("Cookie", "sess=\(value)")])
                    let response = try await browser.client.send(request, to: served.port)
                    #expect(response.status == 200)
                    #expect(response.text == "nothing", "\(value.prefix(80).count)")
                    #expect(response.setCookies.isEmpty)
                }
            }
            #expect(calls.isEmpty)
            let sound = try await served.calls {
                let response = try await browser.get("/read")
                #expect(response.text == "kept")
            }
            #expect(sound == [.fetch])
            await browser.client.closeIdle()
        }
    }
}
