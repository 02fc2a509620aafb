import Modeler
import Testing

@testable import Sess

/// The limits of sessions, as the app and the manager have them.
@Suite("Limits of remembered and anonymous sessions")
struct RememberTests {
    @Test("L1 A remembered session ends a year after its beginning, however it is used")
    func absolute() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["a"] = 1
            try session.remember()
        }
        for _ in 0..<18 {
            app.clock.advance(by: .seconds(20 * 86400))
            #expect(try await app.visit(client) { $0["a"] } == 1)
        }
        app.clock.advance(by: .seconds(6 * 86400))
        #expect(try await app.visit(client) { $0.isNew })
    }

    @Test("L1 A sign-in gives the limits of today, also to a session that began under other options")
    func changedOptions() async throws {
        let store = MemoryCollection()
        let long = Expiry(idle: .seconds(30 * 86400))
        func app(_ anonymous: Expiry?) throws -> StoreApp {
            try StoreApp(store) {
                $0.timeouts.expiry = long
                $0.timeouts.anonymous = anonymous
            }
        }
        for (before, now) in [
            (Expiry(idle: .seconds(60)), Expiry?.none), (Expiry(idle: .seconds(60)), Expiry(idle: .seconds(3600))),
        ] {
            let client = TestClient()
            try await app(before).visit(client) { $0["a"] = 1 }
            try await app(now).visit(client) { try await $0.signIn(userID: "alice") }
            let expiry = try await app(now).visit(client) { session in
                session.withMachine { $0.model.lifetime?.expiry }
            }
            #expect(expiry == long)
        }
    }

    @Test("Names are compared by their bytes: in a step's renaming and in the policies by name")
    func names() async throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let draft = SessionDraft(
            [Field(name: decomposed, value: try EncodedJSON(encoding: 1), revision: 1)], onUnreadable: { _ in })
        draft.rename(decomposed, to: composed)
        #expect(draft.names.map { Array($0.utf8) } == [Array(composed.utf8)])
        let events = EventLog()
        let app = try StoreApp(MemoryCollection()) {
            $0.conflictPolicies = [composed: .fail]
            $0.onEvent = events.append
        }
        let client = TestClient()
        try await app.visit(client) { $0[decomposed] = 0 }
        let late = try await app.begin(client)
        try await app.visit(client) { $0[decomposed] = 1 }
        late[decomposed] = 2
        try await late.save()
        #expect(try await app.visit(client) { $0[decomposed] } == 2)
    }

    @Test("An update whose body decides to write nothing has decided on the fields as they are")
    func decidesNot() async throws {
        let app = try StoreApp(MemoryCollection())
        let client = TestClient()
        try await app.visit(client) { $0["credits"] = 0 }
        let late = try await app.begin(client)
        try await app.visit(client) { $0["credits"] = 100 }
        let bought = try await late.update { draft in
            guard draft["credits", default: 0] >= 10 else { return false }
            draft["credits", default: 0] -= 10
            return true
        }
        #expect(bought)
        #expect(try await app.visit(client) { $0["credits"] } == 90)
    }

    @Test("A section that fails drops what it has changed, and nothing that another task has")
    func failingSection() async throws {
        struct Failure: Error {}
        let app = try StoreApp(MemoryCollection())
        let client = TestClient()
        try await app.visit(client) { $0["seen"] = true }
        try await app.visit(client) { session in
            await #expect(throws: Failure.self) {
                try await session.withExclusiveAccess { _ in
                    session["inside"] = 1
                    await Task.detached { session["beside"] = 2 }.value
                    throw Failure()
                }
            }
        }
        #expect(try await app.visit(client) { $0.contains("inside") } == false)
        #expect(try await app.visit(client) { $0["beside"] } == 2)
    }
}
