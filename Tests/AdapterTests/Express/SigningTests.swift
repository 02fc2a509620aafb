import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Secrets that change while clients hold cookies.
@Suite("A list of secrets")
struct SigningTests {
    private static let (old, new) = ("the key that is taken off", "the key that comes in its place")

    private static func addRoutes(_ app: AppRoutes) {
        app.get("/read") { request in request.session["a"].string ?? "nothing" }
        app.post("/write") { request in
            request.session["a"] = "kept"
            return "ok"
        }
        app.post("/rotate") { request in
            try await request.session.rotate()
            return "ok"
        }
    }

    @Test(
        "E9 The first secret signs and all verify, texts or bytes; sessions live through a change of secrets",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func change(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            func serving(_ keys: SigningKeys, _ body: @Sendable (ServedSessions) async throws -> Void) async throws {
                try await serve(store, adapter, options: { $0.tokens.signingKeys = keys }, routes: Self.addRoutes, body)
            }
            let jar = Browser(port: 0)
            @Sendable func visit(_ served: ServedSessions, _ request: TestRequest) async throws -> String {
                let response = try await jar.send(request, to: served.port)
                await jar.client.closeIdle()
                return response.text
            }
            try await serving(SigningKeys([Self.old])) { served in
                _ = try await visit(served, .post("/write"))
                #expect(try await visit(served, .get("/read")) == "kept")
            }
            let first = try #require(jar.token)
            #expect(first.split(separator: ".").count == 4, "the signature is a part of its own")
            // A text's bytes are the same key, and both are in one list.
            try await serving(SigningKeys(bytes: [Array(Self.new.utf8), Array(Self.old.utf8)])) { served in
                #expect(try await visit(served, .get("/read")) == "kept")
                _ = try await visit(served, .post("/rotate"))
                #expect(try await visit(served, .get("/read")) == "kept")
            }
            #expect(jar.token != first)
            try await serving(SigningKeys([Self.new])) { served in
                let read = try await visit(served, .get("/read"))
                #expect(read == "kept", "the list's first one has signed")
            }
            try await serving(SigningKeys([Self.old])) { served in
                let calls = try await served.calls {
                    let read = try await visit(served, .get("/read"))
                    #expect(read == "nothing")
                }
                #expect(calls == [.fetch], "another server may have the key")
            }
            try await serve(store, adapter, routes: Self.addRoutes) { served in
                let read = try await visit(served, .get("/read"))
                #expect(read == "nothing", "without secrets a signed token is none")
            }
        }
    }
}
