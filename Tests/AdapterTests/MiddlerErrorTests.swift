import HTTPTypes
import Logging
import Middler
import Modeler
import Sess
import SessMiddler
import SessTestSupport
import SessTesting
import Synchronization
import Testing

private let quiet = Logger(label: "app", factory: { _ in SwiftLogNoOpLogHandler() })

/// What a chain's error handler sees.
@Suite struct MiddlerErrorTests {
    struct AppError: Error {}

    @Test("E2 A chain's onError sees every error by its type, and the client learns of its session")
    func types() async throws {
        for answers in [false, true] {
            let seen = Mutex("")
            let isDown = Mutex(false)
            var options = SessionOptions()
            options.logger.logLevel = .critical
            let store = InterposedCollection(MemoryCollection(name: "sessions")) { _ throws(ModelError) in
                if isDown.withLock({ $0 }) { throw ModelError(.unavailable, "down for the test") }
            }
            let manager = try SessionManager(sessions: store, options: options)
            let chain = HandlerChain().add(SessionHandler(manager))
                .get("/:how") { request -> String in
                    request.session["a"] = 1
                    switch request.parameters["how"] {
                    case "app": throw AppError()
                    case "http": throw HTTPError(.gone)
                    case "conflict": throw SessionError(.conflict, "for the test")
                    case "bad": request.session["b", default: 0.0] = .nan
                    case "rotated-bad":
                        try await request.session.save()
                        try await request.session.rotate()
                        request.session["b", default: 0.0] = .nan
                    default: break
                    }
                    return "ok"
                }
                .onError { error, _ in
                    seen.withLock { seen in
                        switch error {
                        case let error as SessionError: seen = "SessionError \(error.code)"
                        case let error as HTTPError: seen = "HTTPError \(error.status.code)"
                        default: seen = "\(type(of: error))"
                        }
                    }
                    guard answers else { throw error }
                    return Response.text("sorry", status: .notImplemented)
                }
            let rows = [
                ("app", "AppError", 500, 0), ("http", "HTTPError 410", 410, 1),
                ("conflict", "SessionError conflict", 409, 0), ("bad", "SessionError invalidField", 500, 0),
                ("rotated-bad", "SessionError invalidField", 500, 1), ("ok", "", 200, 1),
            ]
            try await withChain(chain) { port in
                for (how, error, status, cookies) in rows {
                    let browser = Browser(port: port)
                    seen.withLock { $0 = "" }
                    let response = try await browser.get("/\(how)")
                    #expect(seen.withLock { $0 } == error)
                    #expect(response.status == (answers && !error.isEmpty ? 501 : status), "\(how)")
                    #expect(response.setCookies.count == cookies, "\(how)")
                    #expect(response["Vary"] == ["Cookie"], "\(how)")
                    await browser.client.closeIdle()
                }
                let browser = Browser(port: port)
                try await browser.get("/ok")
                isDown.withLock { $0 = true }
                for client in [browser, Browser(port: port)] {
                    let response = try await client.get("/ok")
                    #expect(seen.withLock { $0 } == "SessionError storeUnavailable")
                    #expect(response.status == (answers ? 501 : 503))
                    if !answers { #expect(response["Retry-After"] == ["1"]) }
                    #expect(response.setCookies.isEmpty)
                    await client.client.closeIdle()
                }
            }
        }
    }
}
