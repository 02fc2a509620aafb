import HTTPTypes
import Logging
import Modeler

@testable import Sess

/// Managers over one store, as the servers of one site have them.
struct UsersApp: Sendable {
    let store: any OwnershipCollection
    let managers: [SessionManager]

    var manager: SessionManager { managers[0] }

    init(
        _ store: any OwnershipCollection,
        count: Int = 2,
        _ configure: (inout SessionOptions) -> Void = { _ in },
        clock: TestClock? = nil
    ) throws {
        var options = SessionOptions()
        options.logger.logLevel = .critical
        configure(&options)
        self.store = store
        managers = try (0..<count).map { [options] _ in
            guard let clock else { return try SessionManager(sessions: store, options: options) }
            return try SessionManager(sessions: store, options: options, clock: { clock.now })
        }
    }

    init(_ managers: [SessionManager], store: any OwnershipCollection) {
        self.store = store
        self.managers = managers
    }

    /// Runs a request of a client on one of the servers.
    @discardableResult
    func visit<Result>(
        _ client: TestClient, server: Int = 0, _ body: (Session) async throws -> Result
    ) async throws -> Result {
        var fields = HTTPFields()
        if let cookie = client.cookie { fields[.cookie] = cookie }
        let manager = managers[server]
        let session = try await manager.begin(
            SessionRequest(headerFields: fields, path: "/", isSecure: false, remoteAddress: "127.0.0.1"))
        var response = HTTPFields()
        do {
            let result = try await body(session)
            try await manager.finish(session, headerFields: &response)
            client.receive(response)
            return result
        } catch {
            manager.finishWithoutSaving(session, headerFields: &response)
            client.receive(response)
            throw error
        }
    }

    /// A client that is signed in as a user.
    func signedIn(_ user: String, server: Int = 0, device: SessionDevice? = nil) async throws -> TestClient {
        let client = TestClient()
        try await visit(client, server: server) { try await $0.signIn(userID: user, device: device) }
        return client
    }

    /// Who is signed in at a client, by each server.
    func users(at client: TestClient) async throws -> [String?] {
        var users: [String?] = []
        for server in managers.indices { users.append(try await visit(client, server: server) { $0.userID }) }
        return users
    }
}
