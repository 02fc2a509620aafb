import HTTPTypes
public import Modeler
public import ModelerTesting
public import Sess

/// A manager over memory with a clock that only the test moves, for requests of clients without a server.
///
/// ```swift
/// let app = try TestSessions { $0.timeouts.expiry = Expiry(idle: .seconds(600)) }
/// let alice = try await app.signedIn("alice")
/// app.clock.advance(by: .seconds(599))
/// try await app.visit(alice) { session in #expect(session.userID == "alice") }
/// ```
public struct TestSessions: Sendable {
    /// The clock of the manager and the store.
    public let clock: ManualClock
    /// The collection in memory that keeps the sessions.
    public let sessions: MemoryCollection
    /// The manager under test.
    public let manager: SessionManager

    /// Makes a manager.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration``; what `configure` throws.
    public init(_ configure: (inout SessionOptions) throws -> Void = { _ in }) throws {
        try self.init(over: { $0 }, configure)
    }

    /// Makes a manager over a collection that wraps the one in memory, such as an ``InterposedCollection``.
    ///
    /// - Throws: ``SessionError/Code/invalidConfiguration``; what `configure` throws.
    public init(
        over wrap: (MemoryCollection) -> any ModelCollection,
        _ configure: (inout SessionOptions) throws -> Void = { _ in }
    ) throws {
        let clock = ManualClock(Timestamp(milliseconds: 1_800_000_000_000))
        var options = SessionOptions()
        try configure(&options)
        self.clock = clock
        sessions = MemoryCollection(name: "sessions", now: { clock.now })
        manager = try SessionManager(sessions: wrap(sessions), options: options, clock: { clock.now })
    }

    /// A client whose cookies expire by the test's clock.
    public func browser() -> TestBrowser {
        TestBrowser(jar: CookieJar(clock: { [clock] in clock.now }))
    }

    /// A request with this `Cookie` header.
    public func request(cookie: String? = nil, path: String = "/", isSecure: Bool = false) -> SessionRequest {
        SessionRequest(cookie: cookie, path: path, isSecure: isSecure)
    }

    /// Runs a request of a client, and gives the client what the response says of cookies.
    ///
    /// - Returns: What `body` returns. What it throws is thrown, and the session is not saved then.
    @discardableResult
    public func visit<Result>(
        _ client: TestBrowser,
        path: String = "/",
        isSecure: Bool = false,
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        try await manager.visit(client, path: path, isSecure: isSecure, body)
    }

    /// A client that is signed in.
    public func signedIn(_ userID: String, device: SessionDevice? = nil) async throws -> TestBrowser {
        let client = browser()
        try await visit(client) { try await $0.signIn(userID: userID, device: device) }
        return client
    }
}

extension SessionManager {
    /// Runs a request of a client, as an adapter does, and gives the client what the response says of cookies.
    ///
    /// - Returns: What `body` returns. What it throws is thrown, and the session is not saved then.
    @discardableResult
    public func visit<Result>(
        _ client: TestBrowser,
        path: String = "/",
        isSecure: Bool = false,
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        try await withStoreDeadline {
            let session = try await begin(client, path: path, isSecure: isSecure)
            return try await serve(session, client, path: path, isSecure: isSecure, body)
        }
    }

    /// The session of a client's request.
    func begin(_ client: TestBrowser, path: String = "/", isSecure: Bool = false) async throws -> Session {
        let cookie = client.cookie(path: path, isSecure: isSecure)
        return try await begin(SessionRequest(cookie: cookie, path: path, isSecure: isSecure))
    }

    /// What follows once a request's session has begun.
    func serve<Result>(
        _ session: Session,
        _ client: TestBrowser,
        path: String = "/",
        isSecure: Bool = false,
        _ body: (Session) async throws -> Result
    ) async throws -> Result {
        var fields = HTTPFields()
        do {
            let result = try await body(session)
            try await finish(session, headerFields: &fields)
            client.receive(fields, path: path, isSecure: isSecure)
            return result
        } catch {
            finishWithoutSaving(session, headerFields: &fields)
            client.receive(fields, path: path, isSecure: isSecure)
            throw error
        }
    }
}

extension SessionRequest {
    fileprivate init(cookie: String?, path: String, isSecure: Bool) {
        var fields = HTTPFields()
        if let cookie { fields[.cookie] = cookie }
        self.init(headerFields: fields, path: path, isSecure: isSecure, remoteAddress: "127.0.0.1")
    }
}
