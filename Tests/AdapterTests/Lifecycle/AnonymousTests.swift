import HTTPTypes
import Logging
import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Requests that take no session, and responses that no cache may keep.
@Suite struct AnonymousTests {
    @Test(
        "L8 A response that sets or ends the cookie is not cacheable and varies by Cookie; one that reads varies only",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func caching(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let headerFields: HTTPFields = [.cacheControl: "public, max-age=3600", .vary: "Accept-Encoding"]
        try await withStore(kind) { store in
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/write") { request in
                    request.session["n", default: 0] += 1
                    return AppResponse(headerFields: headerFields)
                }
                app.get("/read") { request in
                    AppResponse(request.session.contains("n") ? .ok : .notFound, headerFields: headerFields)
                }
                app.get("/rotate") { request in
                    try await request.session.rotate()
                    return AppResponse(headerFields: headerFields)
                }
                app.get("/refused") { request -> String in
                    try await request.session.rotate()
                    throw AppRefusal(.forbidden)
                }
                app.get("/destroy") { request in
                    try await request.session.destroy()
                    return AppResponse(headerFields: [.cacheControl: "max-age=60", .vary: "accept, COOKIE"])
                }
                app.get("/plain") { _ in AppResponse(headerFields: headerFields) }
            } _: { port in
                let browser = Browser(port: port)
                // Whether it sets the cookie, and so may not be kept.
                let rows = [
                    ("plain", false), ("write", true), ("write", false), ("read", false), ("rotate", true),
                    ("refused", true), ("plain", false), ("destroy", true), ("read", false),
                ]
                for (number, (path, setsCookie)) in rows.enumerated() {
                    let response = try await browser.get("/\(path)")
                    let what: Comment = "\(number) \(path)"
                    #expect(response.setCookies.count == (setsCookie ? 1 : 0), what)
                    let isKept = response["Cache-Control"] == ["public, max-age=3600"]
                    #expect(isKept != setsCookie, what)
                    if setsCookie { #expect(response["Cache-Control"] == ["no-store"], what) }
                    let varies = response["Vary"].joined(separator: ", ")
                    switch path {
                    case "plain": #expect(varies == "Accept-Encoding", what)
                    case "destroy": #expect(varies == "accept, COOKIE", what)
                    case "refused": #expect(varies == "Cookie", what)
                    default: #expect(varies == "Accept-Encoding, Cookie", what)
                    }
                }
                await browser.client.closeIdle()
            }
        }
    }

    @Test(
        "L9 Anonymous requests that store nothing: no cookie, no record, no call of the store",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func anonymous(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let counted = InterposedCollection(store.sessions)
            try await withApp(on: adapter, SessionManager(sessions: counted)) { app in
                app.get("/untouched") { _ in "ok" }
                app.get("/read") { request in "\(request.session["n", default: 0])" }
                app.get("/none") { request in
                    request.session["n"] = 1
                    request.session.unset("n")
                    try await request.session.save()
                    try await request.session.rotate()
                    try await request.session.touch()
                    return "ok"
                }
            } _: { port in
                try await store.server?.resetCounts()
                let client = TestHTTPClient()
                let paths = ["/untouched", "/read", "/none"]
                let cookies = try await concurrently(TestScale.count(600, full: 10_000), width: 16) { index in
                    let response = try await client.send(.get(paths[index % 3]), to: port)
                    return response.setCookies.count + (response.status == 200 ? 0 : 1)
                }
                #expect(cookies.allSatisfy { $0 == 0 })
                #expect(counted.log == [])
                if let server = store.server {
                    #expect(try await server.commandCounts().isEmpty)
                    #expect(try await server.keys().isEmpty)
                }
                await client.closeIdle()
            }
        }
    }

    @Test(
        "L11 Skipped paths and requests that opt out take no part, whatever cookie they bring",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func skipped(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let optOut = try #require(HTTPField.Name("X-No-Session"))
        try await withStore(kind) { store in
            let counted = InterposedCollection(store.sessions)
            var options = SessionOptions()
            options.logger.logLevel = .critical
            let manager = try SessionManager(sessions: counted, options: options)
            try await withApp(
                on: adapter, manager, skip: { $0.hasPrefix("/static") }, optsOut: { $0[optOut] != nil }
            ) { app in
                for path in ["/static/a", "/write"] {
                    app.get(path) { request in
                        request.session["n", default: 0] += 1
                        return "\(request.session.isDetached) \(request.session["n", default: 0])"
                    }
                }
            } _: { port in
                let browser = Browser(port: port)
                #expect(try await browser.get("/write").text == "false 1")
                let token = try #require(browser.token)
                #expect(counted.log == [.insert])
                let headers = [("Cookie", "sess=\(token)"), (optOut.rawName, "1")]
                for response in [
                    try await browser.get("/static/a"), try await Browser(port: port).get("/static/a"),
                    try await browser.client.send(.get("/write", headers: headers), to: port),
                ] {
                    #expect(response.text == "true 1")
                    #expect(response.setCookies.isEmpty)
                }
                #expect(counted.log == [.insert])
                #expect(try await browser.get("/write").text == "false 2")
                await browser.client.closeIdle()
            }
        }
    }
}
