import Logging
import Modeler
import Sess
import SessTestSupport
import Testing

/// What a client sees of a session that could not be stored.
@Suite struct CommitErrorTests {
    @Test(
        "E2 E4 An error of the save at the end replaces the response before its first byte, streamed or not",
        arguments: AdapterKind.allCases
    )
    func beforeTheFirstByte(_ adapter: AdapterKind) async throws {
        // One session fits in; a store that has no room for another refuses its write.
        let store = MemoryCollection(name: "sessions", limits: .init(maximumModels: 1))
        for policy in [SessionOptions.StoreDownPolicy.fail, .readOnly] {
            var options = SessionOptions()
            options.logger.logLevel = .critical
            options.storeDown = policy
            try await withApp(on: adapter, try SessionManager(sessions: store, options: options)) { app in
                app.get("streamed") { request in
                    request.session["a", default: 0] += 1
                    return AppResponse(body: .stream(["the handler's", "body"], pause: .milliseconds(20)))
                }
                app.get("plain") { request in
                    request.session["a", default: 0] += 1
                    return "the handler's body"
                }
                app.get("read") { request in "\(request.session["a", default: 0])" }
                app.get("bad") { request in
                    request.session["a", default: 0] += 1
                    request.session["bad", default: 0.0] = .nan
                    return "the handler's body"
                }
            } _: { port in
                let first = Browser(port: port)
                #expect(try await first.get("/plain").status == 200)
                let token = first.token
                let second = Browser(port: port)
                for path in ["/streamed", "/plain"] {
                    let response = try await second.get(path)
                    #expect(response.status == 503)
                    #expect(response["Retry-After"] == ["1"])
                    #expect(response["Cache-Control"] == ["no-store"])
                    #expect(response.setCookies.isEmpty)
                    #expect(!response.text.contains("handler"))
                }
                #expect(try await second.get("/read").status == 200)
                let bad = try await first.get("/bad")
                #expect(bad.status == 500)
                #expect(bad.setCookies.isEmpty && !bad.text.contains("handler"))
                #expect(try await first.get("/read").text == "1")
                #expect(first.token == token, "nothing takes the place of the client's cookie")
                for browser in [first, second] { await browser.client.closeIdle() }
            }
            try await store.clear()
        }
    }
}

extension MemoryCollection {
    fileprivate func clear() async throws {
        for id in try await page(after: nil, limit: 10, order: .oldestFirst).ids { _ = try await remove(id) }
    }
}
