import Modeler
import Testing

@testable import Sess

@Suite("Fields with a deadline of their own")
struct FieldDeadlineTests {
    @Test("A field for a time is there until its time is over by the store's clock, and then it leaves the store")
    func expires() async throws {
        let app = try TestApp()
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["kept"] = 1
            try session.set("otp", to: "123456", for: .seconds(300))
            #expect(session["otp"] == "123456")
            return session.id
        }
        app.clock.advance(by: .seconds(290))
        try await app.visit(client) { session in
            #expect(session["otp"] == "123456")
            let left = try #require(session.remaining(of: "otp"))
            #expect(left <= .seconds(10) && left > .seconds(5))
            #expect(session.remaining(of: "kept") == nil)
        }
        app.clock.advance(by: .seconds(10))
        try await app.visit(client) { session in
            #expect(session["otp"] == .null)
            #expect(!session.contains("otp"))
            #expect(session.names == ["kept"])
            #expect(session.data == ["kept": 1])
            try await session.update { draft in
                #expect(!draft.contains("otp"))
                draft["kept"] = 2
            }
        }
        try await app.visit(client) { $0["kept"] = 3 }
        let stored = try #require(try await app.sessions.fetch(id))
        #expect(stored.fields.map(\.name).sorted() == ["__token", "kept"])
    }

    @Test("A session may begin with a field for a time only; pop takes it once")
    func alone() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { try $0.set("state", to: "xyz", for: .seconds(60)) }
        #expect(client.cookie != nil)
        #expect(try await app.visit(client) { $0.pop("state", as: String.self) } == "xyz")
        #expect(try await app.visit(client) { $0.pop("state", as: String.self) } == nil)
    }

    @Test("Setting the field in another way ends its deadline, also by another request, also to the same value")
    func ended() async throws {
        let app = try TestApp()
        for value in ["same", "other"] {
            let client = TestClient()
            try await app.visit(client) { try $0.set("a", to: "same", for: .seconds(60)) }
            try await app.visit(client) { $0["a", as: String.self] = value }
            app.clock.advance(by: .seconds(61))
            #expect(try await app.visit(client) { $0["a", as: String.self] } == value)
        }
        let client = TestClient()
        try await app.visit(client) { $0["seen"] = true }
        let timed = try await app.manager.begin(app.request(cookie: client.cookie))
        let plain = try await app.manager.begin(app.request(cookie: client.cookie))
        try timed.set("a", to: 1, for: .seconds(60))
        plain["a"] = 2
        try await timed.save()
        try await plain.save()
        app.clock.advance(by: .seconds(61))
        #expect(try await app.visit(client) { $0["a"] } == 2)
    }

    @Test("An operation that the store applies to the field ends its deadline too")
    func endedByOperation() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { try $0.set("n", to: 1, for: .seconds(60)) }
        #expect(try await app.visit(client) { try await $0.increment("n") } == 2)
        app.clock.advance(by: .seconds(61))
        #expect(try await app.visit(client) { $0["n"] } == 2)
    }

    @Test("What another request has set anew meanwhile is not swept away")
    func sweptWithCare() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["b"] = 1
            try session.set("a", to: 1, for: .seconds(60))
        }
        app.clock.advance(by: .seconds(61))
        let late = try await app.manager.begin(app.request(cookie: client.cookie))
        try await app.visit(client) { $0["a"] = 2 }
        late["b"] = 2
        try await late.save()
        #expect(try await app.visit(client) { $0.data } == ["a": 2, "b": 2])
    }

    @Test("A time that is none, and a reserved name, are refused")
    func refused() async throws {
        let app = try TestApp()
        let session = try await app.manager.begin(app.request())
        #expect(throws: SessionError.self) { try session.set("a", to: 1, for: .zero) }
        #expect(throws: SessionError.self) { try session.set("__token", to: 1, for: .seconds(1)) }
        #expect(throws: SessionError.self) { try session.set("a", to: Double.nan, for: .seconds(1)) }
        #expect(!session.isModified)
    }
}
