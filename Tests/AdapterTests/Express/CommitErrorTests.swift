import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// What a client sees of a session that could not be stored.
@Suite("Sessions that can't be stored")
struct CommitErrorTests {
    @Test(
        "E2 E4 An error of the save at the end replaces the response before its first byte, streamed or not",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func beforeTheFirstByte(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            for policy in [SessionOptions.StoreDownPolicy.fail, .readOnly] {
                try await serve(store, adapter, options: { $0.store.whenDown = policy }) { app in
                    Self.addRoutes(app)
                } _: { served in
                    let first = Browser(port: served.port)
                    #expect(try await first.get("/plain").status == 200)
                    let token = first.token
                    let second = Browser(port: served.port)
                    func expectRefusal(_ response: TestResponse, _ path: String) {
                        #expect(response.status == 503, "\(path)")
                        #expect(response["Retry-After"] == ["1"], "\(path)")
                        #expect(response["Cache-Control"] == ["no-store"], "\(path)")
                        #expect(response.setCookies.isEmpty, "\(path)")
                        #expect(!response.text.contains("handler"), "\(path)")
                    }
                    try await served.failing([.insert, .commit]) {
                        for path in ["/streamed", "/plain"] {
                            for browser in [first, second] { expectRefusal(try await browser.get(path), path) }
                        }
                        #expect(try await second.get("/read").status == 200)
                    }
                    let bad = try await first.get("/bad")
                    #expect(bad.status == 500)
                    #expect(bad.setCookies.isEmpty && !bad.text.contains("handler"))
                    #expect(try await first.get("/read").text == "1")
                    #expect(first.token == token, "nothing takes the place of the client's cookie")
                    for browser in [first, second] { await browser.client.closeIdle() }
                }
            }
        }
    }

    @Test("E2 A store that has no room refuses its write as one that is away", arguments: AdapterKind.allCases)
    func full(_ adapter: AdapterKind) async throws {
        let store = MemoryCollection(name: "sessions", limits: .init(maximumModels: 1, whenFull: .refuse))
        try await serve(TestStore(sessions: store), adapter) { app in
            Self.addRoutes(app)
        } _: { served in
            let (first, second) = (Browser(port: served.port), Browser(port: served.port))
            #expect(try await first.get("/plain").status == 200)
            let refused = try await second.get("/plain")
            #expect(refused.status == 503)
            #expect(refused.setCookies.isEmpty && !refused.text.contains("handler"))
            #expect(try await first.get("/plain").status == 200)
            for browser in [first, second] { await browser.client.closeIdle() }
        }
    }

    private static func addRoutes(_ app: AppRoutes) {
        app.get("/streamed") { request in
            request.session["a", default: 0] += 1
            return AppResponse(body: .stream(["the handler's", "body"], pause: .milliseconds(20)))
        }
        app.get("/plain") { request in
            request.session["a", default: 0] += 1
            return "the handler's body"
        }
        app.get("/read") { request in "\(request.session["a", default: 0])" }
        app.get("/bad") { request in
            request.session["a", default: 0] += 1
            request.session["bad", default: 0.0] = .nan
            return "the handler's body"
        }
    }
}
