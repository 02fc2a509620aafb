import HTTPTypes
import NIOCore
import SessTestSupport
import Synchronization
import Testing

@testable import Middler

/// Where errors go.
@Suite struct ErrorTests {
    struct Whoops: Error, CustomStringConvertible { let description: String }

    private static func failing(_ text: String) -> HandlerFunction {
        HandlerFunction { _ -> String in throw Whoops(description: text) }
    }

    @Test("An error that nobody handles is a 500 without a word; one with an answer is that answer")
    func unhandled() async throws {
        let chain = HandlerChain()
            .get("/whoops", run: Self.failing("secret"))
            .get("/refused") { _ -> String in throw HTTPError(.forbidden, "not yours", headerFields: [.allow: "GET"]) }
            .get("/status") { _ in HTTPResponse.Status(code: 99) }
            .get("/next", handler: { request, next in try await next(request) })
            .get("/next", run: Self.failing("later")).get("/next") { _ in "not reached" }
        try await withServer(chain) { port, _ in
            let browser = Browser(port: port)
            for path in ["/whoops", "/next", "/status"] {
                let response = try await browser.get(path)
                #expect(response.status == 500)
                #expect(response.body.isEmpty)
            }
            let refused = try await browser.get("/refused")
            #expect(refused.status == 403)
            #expect(refused.text == "not yours")
            #expect(refused["Allow"] == ["GET"])
            await browser.client.closeIdle()
        }
    }

    @Test("The chain's error handler answers, and hears of an embedded chain's errors unless that has one")
    func handled() async throws {
        let embedded = HandlerChain().add("/embedded", run: Self.failing("embedded"))
        let careful = HandlerChain().add("/careful", run: Self.failing("careful"))
            .onError { error, _ in .text("careful: \(error)", status: .notImplemented) }
        let chain = HandlerChain().add(embedded, careful).add("/own", run: Self.failing("own"))
            .add(
                "/careless",
                run: HandlerChain().onError { _, _ in throw Whoops(description: "again") }
                    .add(Self.failing("first"))
            )
            .onError { error, request in .text("\(request.path) \(error)", status: .badRequest) }
        try await withServer(chain) { port, _ in
            let browser = Browser(port: port)
            for (path, status, text) in [
                ("/embedded", 400, "/embedded embedded"), ("/careful", 501, "careful: careful"),
                ("/own", 400, "/own own"), ("/careless", 400, "/careless again"),
            ] {
                let response = try await browser.get(path)
                #expect(response.status == status)
                #expect(response.text == text)
            }
            await browser.client.closeIdle()
        }
    }

    @Test("What the chain around one throws is not for that one's error handler; what its own handler makes of it is")
    func passing() async throws {
        let site = HandlerChain()
            .onError { error, _ in .text("site: \(error)", status: .badGateway) }
        let handlers: [(String, HandlerFunction)] = [
            ("/passes", HandlerFunction { request, next in try await next(request) }),
            (
                "/rethrows",
                HandlerFunction { request, next in
                    do { return try await next(request) } catch { throw error }
                }
            ),
            (
                "/rethrows-from-a-task",
                HandlerFunction { request, next in try await Task { try await next(request) }.value }
            ),
            (
                "/matches",
                HandlerFunction { request, next -> Response in
                    do { return try await next(request) } catch is CancellationError { return .text("cancelled") }
                }
            ),
            (
                "/replaces",
                HandlerFunction { request, next -> Response in
                    do {
                        return try await next(request)
                    } catch {
                        throw Whoops(description: "instead of \(error)")
                    }
                }
            ),
            (
                "/fails-later",
                HandlerFunction { request, next -> Response in
                    _ = try? await next(request)
                    throw Whoops(description: "later")
                }
            ),
        ]
        for (path, handler) in handlers {
            let embedded = HandlerChain().add(.path(PathPattern(path)), run: handler)
                .onError { error, _ in .text("embedded: \(error)", status: .badGateway) }
            let between = HandlerChain().add(embedded)
                .onError { error, _ in .text("between: \(error)", status: .badGateway) }
            site.add(between)
        }
        site.add(run: Self.failing("deep"))
        try await withServer(site) { port, _ in
            let browser = Browser(port: port)
            for (path, text) in [
                ("/passes", "site: deep"), ("/rethrows", "site: deep"), ("/rethrows-from-a-task", "site: deep"),
                ("/matches", "site: deep"), ("/replaces", "embedded: instead of deep"),
                ("/fails-later", "embedded: later"),
            ] {
                let response = try await browser.get(path)
                #expect(response.text == text, "\(path)")
            }
            await browser.client.closeIdle()
        }
    }

    @Test("Two errors of one value are two, whatever their size", arguments: [0, 1, 100])
    func equalErrors(_ size: Int) async throws {
        struct Empty: Error {}
        enum Letter: Error { case a, b }
        struct Large: Error { var numbers = (1, 2, 3, 4, 5, 6) }
        let make: @Sendable () -> any Error = {
            switch size {
            case 0: Empty()
            case 1: Letter.b
            default: Large()
            }
        }
        let embedded = HandlerChain()
            .get("/passes") { request, next in try await next(request) }
            .get("/replaces") { request, next -> Response in
                do { return try await next(request) } catch { throw make() }
            }
            .onError { _, _ in .text("embedded") }
        let site = HandlerChain().add(embedded).add { _ -> String in throw make() }.onError { _, _ in .text("site") }
        for (path, text) in [("/passes", "site"), ("/replaces", "embedded")] {
            let head = HTTPRequest(method: .get, scheme: "http", authority: "a", path: path)
            let response = try await site.handle(Request(head: head), next: .none)
            #expect(response.body.text == text, "\(path)")
        }
    }

    @Test("A change of the response reaches the one that tells of an error too, once")
    func responseChanges() async throws {
        let chain = HandlerChain()
            .add { request, next in
                request.onResponse { $0.headerFields.append(HTTPField(name: .via, value: "here")) }
                return try await next(request)
            }
            .get("/ok") { _ in "ok" }.get("/whoops", run: Self.failing("x"))
            .onError { error, request in
                if request.path == "/handled" { return .text("handled") }
                throw error
            }
            .get("/handled", run: Self.failing("x"))
        try await withServer(chain) { port, _ in
            let browser = Browser(port: port)
            for path in ["/ok", "/whoops", "/missing", "/handled"] {
                let response = try await browser.get(path)
                #expect(response["Via"] == ["here"], "\(path)")
            }
            await browser.client.closeIdle()
        }
    }
}
