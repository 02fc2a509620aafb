import HTTPTypes
import Hummingbird
import Logging
import Modeler
import Sess
import SessHummingbird
import SessTestSupport
import SessTesting
import Synchronization
import Testing

/// What an app's error middleware before the sessions sees.
@Suite struct ErrorPathTests {
    struct AppError: Error {}
    struct Teapot: HTTPResponseError {
        var status: HTTPResponse.Status { .init(code: 418) }
        func response(from request: Request, context: some RequestContext) throws -> Response {
            Response(status: status, headers: [.vary: "Accept"])
        }
    }

    /// Notes what passes, and answers with a status of its own where it is told to.
    private struct Watch: RouterMiddleware {
        typealias Context = BasicSessRequestContext
        let seen = Seen()
        let answers: Bool

        @concurrent
        func handle(
            _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
        ) async throws -> Response {
            do {
                return try await next(request, context)
            } catch {
                let kind =
                    switch error {
                    case let error as SessionError: "SessionError \(error.code)"
                    case is AppError: "AppError"
                    case is Teapot: "Teapot"
                    case let error as HTTPError: "HTTPError \(error.status.code)"
                    case let error as FailedRequest: "FailedRequest \(type(of: error.underlying))"
                    default: "\(type(of: error))"
                    }
                seen.note(kind)
                guard answers else { throw error }
                var response = Response(status: .init(code: 599))
                context.requestSessions.addHeaderFields(to: &response.headers)
                return response
            }
        }
    }

    private final class Seen: Sendable {
        private let kinds = Mutex<[String]>([])
        func note(_ kind: String) { kinds.withLock { $0.append(kind) } }
        func take() -> String {
            kinds.withLock { kinds in
                defer { kinds = [] }
                return kinds.joined(separator: ", ")
            }
        }
    }

    private struct Row {
        var path: String
        var seen: String
        var status: Int
        var cookies = 0
        var varies = true
    }

    private static let rows = [
        Row(path: "plain/app", seen: "AppError", status: 500, varies: false),
        Row(path: "plain/http", seen: "HTTPError 410", status: 410, varies: false),
        Row(path: "plain/teapot", seen: "Teapot", status: 418, varies: false),
        Row(path: "used/app", seen: "AppError", status: 500, varies: false),
        Row(path: "used/http", seen: "HTTPError 410", status: 410),
        Row(path: "used/teapot", seen: "FailedRequest Teapot", status: 418),
        Row(path: "written/http", seen: "HTTPError 410", status: 410, cookies: 1),
        Row(path: "written/teapot", seen: "FailedRequest Teapot", status: 418, cookies: 1),
        Row(path: "written/app", seen: "AppError", status: 500, varies: false),
        Row(path: "rotated/app", seen: "FailedRequest AppError", status: 500, cookies: 1),
        Row(path: "written/conflict", seen: "SessionError conflict", status: 409),
        Row(path: "rotated/conflict", seen: "SessionError conflict", status: 409, cookies: 1),
        Row(path: "bad/none", seen: "SessionError invalidField", status: 500),
        Row(path: "rotated-bad/none", seen: "SessionError invalidField", status: 500, cookies: 1),
        Row(path: "written/none", seen: "", status: 200, cookies: 1),
    ]

    private func routes(_ router: Router<BasicSessRequestContext>) {
        router.get(":how/:error") { _, context -> String in
            let session = context.session
            switch context.parameters.get("how") {
            case "used": _ = session["a"]
            case "written": session["a"] = 1
            case "bad": session["a", default: 0.0] = .nan
            case "rotated", "rotated-bad":
                session["a"] = 1
                try await session.save()
                try await session.rotate()
                if context.parameters.get("how") == "rotated-bad" { session["a", default: 0.0] = .nan }
            default: break
            }
            switch context.parameters.get("error") {
            case "app": throw AppError()
            case "http": throw HTTPError(.gone)
            case "teapot": throw Teapot()
            case "conflict": throw SessionError(.conflict, "for the test")
            default: return "ok"
            }
        }
    }

    @Test("E2 A middleware before the sessions sees every error by its type, and the client learns of its session")
    func types() async throws {
        for answers in [false, true] {
            let watch = Watch(answers: answers)
            var options = SessionOptions()
            options.logger.logLevel = .critical
            let manager = try SessionManager(sessions: MemoryCollection(name: "sessions"), options: options)
            try await withApp(manager, before: { $0.add(middleware: watch) }, routes: routes) { port in
                for row in Self.rows {
                    let browser = Browser(port: port)
                    let response = try await browser.get("/\(row.path)")
                    #expect(watch.seen.take() == row.seen, "\(row.path)")
                    let isError = !row.seen.isEmpty
                    #expect(response.status == (answers && isError ? 599 : row.status), "\(row.path)")
                    #expect(response.setCookies.count == row.cookies, "\(row.path)")
                    if row.varies { #expect(response["Vary"].contains { $0.contains("Cookie") }, "\(row.path)") }
                    if row.cookies > 0 {
                        #expect(response["Cache-Control"] == ["no-store"], "\(row.path)")
                        #expect(try await browser.get("/used/none").setCookies.isEmpty)
                        #expect(
                            try await manager.visit(TestBrowser(cookie: "sess=\(browser.token ?? "")")) { $0["a"] } == 1
                        )
                    }
                    await browser.client.closeIdle()
                }
            }
        }
    }

    @Test("E2 A store that is away: SessionError for the app's middleware, 503 with Retry-After unless it answers")
    func storeAway() async throws {
        for answers in [false, true] {
            let watch = Watch(answers: answers)
            let isDown = Mutex(false)
            var options = SessionOptions()
            options.logger.logLevel = .critical
            let store = InterposedCollection(MemoryCollection(name: "sessions")) { _ throws(ModelError) in
                if isDown.withLock({ $0 }) { throw ModelError(.unavailable, "down for the test") }
            }
            let manager = try SessionManager(sessions: store, options: options)
            try await withApp(manager, before: { $0.add(middleware: watch) }, routes: routes) { port in
                let browser = Browser(port: port)
                #expect(try await browser.get("/written/none").status == 200)
                isDown.withLock { $0 = true }
                for client in [browser, Browser(port: port)] {
                    let response = try await client.get("/written/none")
                    #expect(watch.seen.take() == "SessionError storeUnavailable")
                    #expect(response.status == (answers ? 599 : 503))
                    if !answers { #expect(response["Retry-After"] == ["1"]) }
                    #expect(response.setCookies.isEmpty)
                    await client.client.closeIdle()
                }
            }
        }
    }
}
