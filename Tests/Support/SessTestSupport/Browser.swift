public import SessTesting
import Synchronization

/// A client with cookies of its own. It sends them to every port of this host, as browsers do.
public final class Browser: Sendable {
    public let client: TestHTTPClient
    /// The port that requests go to unless another is named.
    public let port: Int
    private let jar: Mutex<CookieJar>

    public init(port: Int, client: TestHTTPClient = TestHTTPClient(), cookies: CookieJar = CookieJar()) {
        self.port = port
        self.client = client
        self.jar = Mutex(cookies)
    }

    public var cookies: CookieJar { jar.withLock { $0 } }

    /// The session cookie's value.
    public var token: String? { cookies["sess"] }

    /// A client that has the same cookies now and keeps its own from here on.
    public func copy() -> Browser { Browser(port: port, client: client, cookies: cookies) }

    @discardableResult
    public func send(_ request: TestRequest, to port: Int? = nil) async throws -> TestResponse {
        var request = request
        if let header = jar.withLock({ $0.header(path: request.path) }) {
            request.headers.append(("Cookie", header))
        }
        let response = try await client.send(request, to: port ?? self.port)
        take(response, path: request.path)
        return response
    }

    /// Takes over the cookies of a response, of another client's request perhaps.
    public func take(_ response: TestResponse, path: String = "/") {
        jar.withLock { $0.take(response.setCookies, path: path) }
    }

    @discardableResult
    public func get(_ path: String, to port: Int? = nil) async throws -> TestResponse {
        try await send(.get(path), to: port)
    }

    @discardableResult
    public func post(_ path: String, _ json: String = "", to port: Int? = nil) async throws -> TestResponse {
        try await send(.post(path, json: json), to: port)
    }
}
