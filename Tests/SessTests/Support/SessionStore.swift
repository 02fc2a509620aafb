import HTTPTypes
import Logging
import Modeler
import Testing

@testable import Sess

/// The stores that behaviours are tested over.
typealias SessionStoreKind = UserStoreKind

/// Runs `body` with an empty store of a kind, without its server.
func withSessions(_ kind: SessionStoreKind, _ body: (any OwnershipCollection) async throws -> Void) async throws {
    try await UserStore.with(kind) { try await body($0.sessions) }
}

/// A manager over a store, for requests that clients make.
struct StoreApp: Sendable {
    let manager: SessionManager

    init(
        _ store: any ModelCollection,
        _ configure: (inout SessionOptions) throws -> Void = { _ in }
    ) throws {
        var options = SessionOptions()
        options.logger.logLevel = .critical
        try configure(&options)
        manager = try SessionManager(sessions: store, options: options)
    }

    func request(cookie: String? = nil, path: String = "/", isSecure: Bool = false) -> SessionRequest {
        var request = SessionRequest(
            headerFields: [:], path: path, isSecure: isSecure, remoteAddress: "127.0.0.1")
        if let cookie { request.headerFields[.cookie] = cookie }
        return request
    }

    func begin(_ client: TestClient) async throws -> Session {
        try await manager.begin(request(cookie: client.cookie))
    }

    func finish(_ session: Session, _ client: TestClient) async throws {
        var fields = HTTPFields()
        try await manager.finish(session, headerFields: &fields)
        client.receive(fields)
    }

    /// One request of a client.
    @discardableResult
    func visit<Result>(_ client: TestClient, _ body: (Session) async throws -> Result) async throws -> Result {
        let session = try await begin(client)
        let result = try await body(session)
        try await finish(session, client)
        return result
    }
}
