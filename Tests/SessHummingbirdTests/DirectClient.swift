import HTTPTypes
import Sess
import SessTestSupport
import SessTesting
import Synchronization

/// A client that asks a manager without a server between them.
final class DirectClient: Sendable {
    private let manager: SessionManager
    private let jar: Mutex<CookieJar>

    init(_ manager: SessionManager, cookies: CookieJar = CookieJar()) {
        self.manager = manager
        self.jar = Mutex(cookies)
    }

    var cookies: CookieJar { jar.withLock { $0 } }

    /// A client with the same cookies, of another server if one is given.
    func copy(at other: SessionManager? = nil) -> DirectClient { DirectClient(other ?? manager, cookies: cookies) }

    func begin() async throws -> Session {
        var headerFields = HTTPFields()
        if let cookie = cookies.header(path: "/") { headerFields[.cookie] = cookie }
        return try await manager.begin(
            SessionRequest(headerFields: headerFields, path: "/", isSecure: false, remoteAddress: nil)
        )
    }

    @discardableResult
    func finish(_ session: Session) async throws -> [String] {
        var headerFields = HTTPFields()
        try await manager.finish(session, headerFields: &headerFields)
        let setCookies = headerFields[values: .setCookie]
        jar.withLock { $0.take(setCookies, path: "/") }
        return setCookies
    }

    /// One request: begins, runs the handler, saves.
    @discardableResult
    func request<Result>(_ handler: (Session) async throws -> Result) async throws -> Result {
        let session = try await begin()
        let result = try await handler(session)
        try await finish(session)
        return result
    }
}
