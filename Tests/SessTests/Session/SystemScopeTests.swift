import HTTPTypes
import Logging
import Modeler
import Testing

@testable import Sess

/// Two systems of sessions over one store.
@Suite("Tokens of one system are none in another")
struct SystemScopeTests {
    private func options(_ configure: (inout SessionOptions) throws -> Void) throws -> SessionOptions {
        var options = SessionOptions()
        options.logger.logLevel = .critical
        try configure(&options)
        return options
    }

    /// Options of pairs of systems.
    private func pairs() throws -> [(SessionOptions, SessionOptions)] {
        let keys = try SigningKeys(["0123456789abcdef"])
        let header = try #require(HTTPField.Name("X-Session"))
        return [
            (SessionOptions(), try options { $0.cookie = try SessionCookie(name: "admin") }),
            (SessionOptions(), try options { $0.cookie = try SessionCookie(path: "/admin") }),
            (
                try options { $0.tokens.transports = [.bearer] },
                try options {
                    $0.tokens.transports = [.bearer]
                    $0.tokens.namespace = "admins"
                }
            ),
            (
                try options {
                    $0.tokens.transports = [.header(header)]
                    $0.tokens.signingKeys = keys
                },
                try options {
                    $0.tokens.transports = [.header(header)]
                    $0.tokens.signingKeys = keys
                    $0.tokens.namespace = "sess2"
                }
            ),
        ]
    }

    private func user(of token: String, in manager: SessionManager, _ options: SessionOptions) async throws -> String? {
        var fields: HTTPFields = [.cookie: "\(options.cookie.name)=\(token)", .authorization: "Bearer \(token)"]
        fields[try #require(HTTPField.Name("X-Session"))] = token
        let path = options.cookie.path
        return try await manager.begin(
            SessionRequest(headerFields: fields, path: path, isSecure: true, remoteAddress: nil)
        ).userID
    }

    @Test(
        "E1 Who is signed in to one system is nobody in another over the same store, by any transport, also after a rotation",
        arguments: UserStoreKind.allCases)
    func foreign(_ kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            for (visitors, admins) in try pairs() {
                let (main, other) = (
                    try SessionManager(sessions: store.sessions, options: visitors),
                    try SessionManager(sessions: store.sessions, options: admins)
                )
                let first = try await main.mint(userID: "1")
                let rotated = try await main.mint(userID: "1") { session in
                    session["a"] = 1
                    try await session.save()
                    try await session.rotate(grace: .seconds(60))
                }
                for minted in [first, rotated] {
                    #expect(try await user(of: minted.token, in: main, visitors) == "1")
                    #expect(try await user(of: minted.token, in: other, admins) == nil)
                    #expect(try await user(of: minted.token, in: main, visitors) == "1", "and it harms nobody")
                }
                let admin = try await other.mint(userID: "1")
                #expect(try await user(of: admin.token, in: other, admins) == "1")
                #expect(try await user(of: admin.token, in: main, visitors) == nil)
                // Another server of the same system.
                let server = try SessionManager(sessions: store.sessions, options: admins)
                #expect(try await user(of: admin.token, in: server, admins) == "1")
                #expect(try await main.sessions(of: "1").count == 3, "a user is one user to all systems of a store")
                try await main.revokeAll(of: "1")
                #expect(try await user(of: admin.token, in: other, admins) == nil)
            }
        }
    }

    @Test("Two systems of one request that take each other's tokens for their own are refused with a reason")
    func rivals() throws {
        let header = try #require(HTTPField.Name("X-Session"))
        let same = try #require(HTTPField.Name("x-session"))
        func manager(_ configure: (inout SessionOptions) throws -> Void) throws -> SessionManager {
            try SessionManager(sessions: MemoryCollection(), options: options(configure))
        }
        func shared(_ first: SessionManager, _ second: SessionManager) -> String? {
            let sessions = RequestSessions()
            do {
                try sessions.attach(first.optOut(), manager: first, system: MainSessions.self)
                try sessions.attach(second.optOut(), manager: second, system: Admins.self)
                return nil
            } catch {
                return error.code == .invalidConfiguration ? error.message : nil
            }
        }
        let main = try manager { $0.tokens.transports = [.cookie, .bearer, .header(header)] }
        let admin = try SessionCookie(name: "admin")
        #expect(
            shared(
                main,
                try manager {
                    $0.cookie = admin
                    $0.tokens.transports = [.cookie, .bearer]
                })?.contains("bearer") == true)
        #expect(
            shared(
                main,
                try manager {
                    $0.cookie = admin
                    $0.tokens.transports = [.header(same)]
                })?.lowercased().contains("x-session") == true)
        #expect(shared(main, try manager { _ in })?.contains("cookie") == true)
        let bearer = try manager {
            $0.cookie = admin
            $0.tokens.transports = [.bearer]
            $0.tokens.namespace = "sess"
        }
        #expect(shared(try manager { _ in }, bearer)?.contains("namespace") == true)
        #expect(shared(main, try manager { $0.cookie = admin }) == nil)
        for name in ["", String(repeating: "x", count: 257)] {
            #expect(throws: SessionError.self) { try manager { $0.tokens.namespace = name } }
        }
    }
}

private enum Admins: SessionSystem {}
