import Foundation
import SessFlyingFox
import Testing

struct SessionHTTPHandlerTests {
    private struct Failure: Error {}

    private let handler: SessionHTTPHandler<ClosureHTTPHandler> = {
        let routes = ClosureHTTPHandler { request in
            switch request.path {
            case "/rotate":
                try await request.session.rotate()
                throw Failure()
            case "/unknown": throw HTTPUnhandledError()
            case "/large": request.session["text"] = .string(String(repeating: "a", count: 100_000))
            default: request.session["times", default: 0] += 1
            }
            return HTTPResponse(
                statusCode: .ok, headers: [.setCookie: "own=1"],
                body: Data("\(request.session["times", default: 0])".utf8))
        }
        return SessionHTTPHandler(routes, SessionManager())
    }()

    private func get(_ path: String, cookie: String? = nil) async throws -> HTTPResponse {
        var headers = HTTPHeaders()
        if let cookie { headers[.cookie] = cookie }
        return try await handler.handleRequest(
            HTTPRequest(
                method: .GET, version: .http11, path: path, query: [], headers: headers, body: .init(data: Data())))
    }

    private func cookie(_ response: HTTPResponse) throws -> String {
        let cookies = response.headers.values(for: .setCookie).filter { $0.hasPrefix("sess=") }
        return try String(#require(cookies.first).prefix { $0 != ";" })
    }

    @Test("A session is saved, and its cookie stands beside the handler's own")
    func counts() async throws {
        let first = try await get("/")
        #expect(first.headers.values(for: .setCookie).contains("own=1"))
        #expect(first.headers[.cacheControl] == "no-store")
        let second = try await get("/", cookie: cookie(first))
        #expect(try await second.bodyData == Data("2".utf8))
        #expect(second.headers.values(for: .setCookie) == ["own=1"])
    }

    @Test("A handler that fails behind a rotation tells its client the new token")
    func failure() async throws {
        let old = try cookie(try await get("/"))
        let failed = try await get("/rotate", cookie: old)
        #expect(failed.statusCode.code == 500)
        let new = try cookie(failed)
        #expect(new != old)
        #expect(try await get("/", cookie: new).bodyData == Data("2".utf8))
    }

    @Test("Errors of sessions are answered; FlyingFox's own pass through")
    func errors() async throws {
        #expect(try await get("/large").statusCode.code == 413)
        await #expect(throws: HTTPUnhandledError.self) { try await get("/unknown") }
    }
}
