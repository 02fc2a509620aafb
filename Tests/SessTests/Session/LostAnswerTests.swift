import Modeler
import Testing

@testable import Sess

/// Writes that were applied and whose answer was lost: the same request tries again.
@Suite("Writes whose answer was lost")
struct LostAnswerTests {
    private struct Case: Sendable {
        var policy: ConflictPolicy
        var first: JSONValue
        var second: JSONValue
    }

    private static let cases = [
        Case(policy: .lastWriter, first: 1, second: 2), Case(policy: .keepFirst, first: 1, second: 2),
        Case(policy: .fail, first: 1, second: 2), Case(policy: .counter, first: 1, second: 2),
        Case(policy: .log(limit: 9), first: ["a"], second: ["a", "b"]),
    ]

    /// Runs `body` over a store that may lose answers, with and without sealed values.
    private func withLosingStore(
        _ kind: SessionStoreKind,
        _ configure: (inout SessionOptions) -> Void = { _ in },
        _ body: (LosingCollection, StoreApp) async throws -> Void
    ) async throws {
        try await withSessions(kind) { store in
            for isSealed in [false, true] {
                let losing = LosingCollection(store)
                let app = try StoreApp(losing) {
                    configure(&$0)
                    if isSealed {
                        $0.store.encryptionKeys = try KeyRing([.init(name: "k", bytes: Array(repeating: 7, count: 32))])
                    }
                }
                try await body(losing, app)
            }
        }
    }

    private func code(_ error: (any Error)?) -> SessionError.Code? { (error as? SessionError)?.code }

    @Test(
        "S12 E12 A save that is tried again is applied once, whatever the policies, and is no conflict with itself",
        arguments: SessionStoreKind.allCases
    )
    func save(_ kind: SessionStoreKind) async throws {
        let events = EventLog()
        let policies = Dictionary(uniqueKeysWithValues: Self.cases.enumerated().map { ("f\($0)", $1.policy) })
        try await withLosingStore(
            kind,
            {
                $0.conflictPolicies = policies
                $0.onEvent = events.append
            }
        ) { store, app in
            for questions in [false, true] {
                let client = TestClient()
                try await app.visit(client) { session in
                    for (index, row) in Self.cases.enumerated() { session["f\(index)"] = row.first }
                }
                let session = try await app.begin(client)
                for (index, row) in Self.cases.enumerated() { session["f\(index)"] = row.second }
                #expect(
                    code(await store.losing(questions: questions) { try await session.save() }) == .storeUnavailable)
                // Another request's write falls between, and a further change of this one.
                try await app.visit(client) { $0["other"] = true }
                session["later"] = true
                session["f0"] = 3
                try await session.save()
                #expect(!session.isModified)
                try await app.visit(client) { session in
                    #expect(session["f0"] == 3)
                    for (index, row) in Self.cases.enumerated().dropFirst() {
                        #expect(session["f\(index)"] == row.second)
                    }
                    #expect(session["other"] == true && session["later"] == true)
                    // Begun, changed, the other request's, and what was changed later.
                    #expect(session.revision == 4)
                }
            }
        }
        #expect(!events.all.contains { if case .conflict = $0 { true } else { false } })
    }

    @Test(
        "S12 A first save that was applied keeps its id when it is tried again, and one record is stored",
        arguments: SessionStoreKind.allCases
    )
    func insertion(_ kind: SessionStoreKind) async throws {
        try await withLosingStore(kind) { store, app in
            for questions in [false, true] {
                let client = TestClient()
                let session = try await app.begin(client)
                session["a"] = 1
                let id = session.id
                #expect(
                    code(await store.losing(questions: questions) { try await session.save() }) == .storeUnavailable)
                session["a"] = 2
                session.unset("b")
                try await app.finish(session, client)
                // One that wasn't may have been, and have ended since: it gets another id.
                #expect((session.id == id) == !questions)
                #expect(try await app.visit(client) { $0.data } == ["a": 2])
            }
        }
    }

    @Test(
        "C10 An operation that is tried again counts once and gives its result; one that is given up is not forced",
        arguments: SessionStoreKind.allCases
    )
    func operations(_ kind: SessionStoreKind) async throws {
        try await withLosingStore(kind) { store, app in
            for questions in [false, true] {
                let client = TestClient()
                try await app.visit(client) { session in
                    session["n"] = 5
                    session["otp"] = "123"
                }
                let session = try await app.begin(client)
                _ = await store.losing(questions: questions) { try await session.increment("n") }
                #expect(try await session.increment("n") == 6)
                #expect(try await session.increment("n") == 7)
                _ = await store.losing(questions: questions) {
                    try await session.append("x", to: "list", keepingLast: 5)
                }
                try await session.append("x", to: "list", keepingLast: 5)
                _ = await store.losing(questions: questions) { _ = try await session.take("otp", as: String.self) }
                #expect(try await session.take("otp", as: String.self) == "123")
                #expect(try await session.take("otp", as: String.self) == nil)
                _ = await store.losing(questions: questions) { try await session.increment("n", by: 100) }
                session["a"] = 1
                try await session.save()
                try await app.visit(client) { session in
                    #expect(session["n"] == (questions ? 7 : 107))
                    #expect(session["list"] == ["x"])
                    #expect(session.names.sorted() == ["a", "list", "n"])
                }
            }
        }
    }

    @Test(
        "C6 A rotation that is tried again gives the client the token that holds", arguments: SessionStoreKind.allCases)
    func rotation(_ kind: SessionStoreKind) async throws {
        try await withLosingStore(kind) { store, app in
            for questions in [false, true] {
                let client = TestClient()
                try await app.visit(client) { $0["a"] = 1 }
                let before = client.cookie
                let session = try await app.begin(client)
                session["a"] = 2
                _ = await store.losing(questions: questions) { try await session.rotate() }
                try await session.rotate()
                try await app.finish(session, client)
                #expect(client.cookie != before)
                #expect(try await app.visit(client) { $0.data } == ["a": 2])
                #expect(try await app.visit(TestClient(cookie: before)) { $0.isNew })
            }
        }
    }

    @Test(
        "L2 Whoever was told that a sign-in failed isn't signed in by a later write",
        arguments: SessionStoreKind.allCases)
    func signIn(_ kind: SessionStoreKind) async throws {
        try await withLosingStore(kind) { store, app in
            for questions in [false, true] {
                let client = TestClient()
                try await app.visit(client) { $0["a"] = 1 }
                let session = try await app.begin(client)
                session["b"] = 1
                let error = await store.losing(questions: questions) { try await session.signIn(userID: "alice") }
                #expect(code(error) == .storeUnavailable)
                // Where it was applied, the token is another one, which nobody has.
                _ = try? await session.save()
                #expect(session.userID == nil)
                try await app.finish(session, client)
                #expect(try await app.visit(client) { $0.userID } == nil)
            }
        }
    }
}
