import Modeler
import Testing

@testable import Sess

@Suite("Whole types, flashes and operations")
struct ConvenienceTests {
    struct Visitor: SessionModel, Equatable {
        var name: String?
        var cart: [String]?
        var visits: Int?
    }

    @Test("A whole type is read and changed in place; members of two requests merge, and unknown fields stay")
    func wholeType() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["other"] = true
            session[Visitor.self].name = "alice"
            session[Visitor.self].cart = ["tea"]
        }
        let early = try await app.manager.begin(app.request(cookie: client.cookie))
        let late = try await app.manager.begin(app.request(cookie: client.cookie))
        early[Visitor.self].cart?.append("milk")
        late[Visitor.self].visits = 3
        late[Visitor.self].name = nil
        try await early.save()
        try await late.save()
        try await app.visit(client) { session in
            #expect(session[Visitor.self] == Visitor(name: nil, cart: ["tea", "milk"], visits: 3))
            #expect(session["other"] == true)
            #expect(!session.contains("name"))
        }
    }

    @Test("A member that can't be read is no reason to overwrite the others: the save says so")
    func unreadableMember() async throws {
        let app = try TestApp()
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["name"] = 7
            session["cart"] = ["tea", "milk"]
            return session.id
        }
        let session = try await app.manager.begin(app.request(cookie: client.cookie))
        session[Visitor.self].cart = (session[Visitor.self].cart ?? []) + ["bread"]
        let error = await #expect(throws: SessionError.self) { try await session.save() }
        #expect(error?.code == .invalidField && error?.message.contains("name") == true)
        #expect(try await app.sessions.fetch(id)?.fields["cart"]?.value == EncodedJSON(["tea", "milk"]))
        try await app.visit(client) { session in
            session.unset("name")
            session[Visitor.self].cart?.append("bread")
        }
        #expect(try await app.visit(client) { $0[Visitor.self].cart } == ["tea", "milk", "bread"])
    }

    @Test("Members that aren't stored are those of a new value, and leave the stored ones as they are")
    func missingMembers() async throws {
        struct Profile: SessionModel, Equatable {
            var name = "nobody"
            var cart: [String] = []
        }
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["other"] = true
            session["cart"] = ["tea"]
        }
        try await app.visit(client) { session in
            #expect(session[Profile.self] == Profile(name: "nobody", cart: ["tea"]))
            session[Profile.self].cart.append("milk")
        }
        #expect(try await app.visit(client) { $0[Profile.self] } == Profile(name: "nobody", cart: ["tea", "milk"]))
    }

    @Test("A flash is seen once, by the next request that asks; those of two requests at once are all kept")
    func flash() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0.flash("one") }
        let early = try await app.manager.begin(app.request(cookie: client.cookie))
        let late = try await app.manager.begin(app.request(cookie: client.cookie))
        early.flash("two")
        late.flash("three")
        late.flash("bad", kind: "error")
        try await early.save()
        try await late.save()
        #expect(try await app.visit(client) { $0.takeFlash() } == ["one", "two", "three"])
        #expect(try await app.visit(client) { $0.takeFlash() } == [])
        #expect(try await app.visit(client) { $0.takeFlash(kind: "error") } == ["bad"])
    }

    @Test("Appending keeps the last elements; set-if-absent keeps the first value; both begin a session")
    func operations() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            for number in 1...5 { try await session.append(number, to: "recent", keepingLast: 3) }
            #expect(try await session.setIfAbsent("csrf", to: "first") == "first")
            #expect(try await session.setIfAbsent("csrf", to: "second") == "first")
        }
        try await app.visit(client) { session in
            #expect(session["recent"] == [3, 4, 5])
            #expect(session["csrf"] == "first")
        }
        let other = TestClient()
        #expect(try await app.visit(other) { try await $0.setIfAbsent("csrf", to: "mine") } == "mine")
        #expect(try await app.visit(other) { $0["csrf"] } == "mine")
    }

    @Test("Operations refuse what they can't be applied to, reserved names and nonsense, and change nothing")
    func refusals() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0["text"] = "x" }
        let attempts: [@Sendable (Session) async throws -> Void] = [
            { try await $0.increment("text") }, { try await $0.append(1, to: "text", keepingLast: 5) },
            { try await $0.append(1, to: "list", keepingLast: 0) },
            { try await $0.append(Double.nan, to: "list", keepingLast: 5) },
            { try await $0.increment("__token") }, { try await $0.setIfAbsent("__token", to: "mine") },
            { try await $0.increment("n", by: .max) },
        ]
        for (index, attempt) in attempts.enumerated() {
            for visitor in [client, TestClient()] where index > 1 || visitor === client {
                let error = await #expect(throws: SessionError.self) { try await app.visit(visitor, attempt) }
                #expect(error?.code == .invalidField, "attempt \(index)")
            }
        }
        #expect(try await app.visit(client) { $0.data } == ["text": "x"])
        #expect(try await app.visit(client) { $0.revision } == 1)
    }

    @Test("F4 A session has at most so many fields; one more is refused when it is saved, far below the maximum size")
    func fieldCount() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            for index in 0..<512 { session["f\(index)"] = 1 }
        }
        let error = await #expect(throws: SessionError.self) {
            try await app.visit(client) { session in
                for index in 0..<600 { session["g\(index)"] = 1 }
            }
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.message.contains("maximumFields") == true)
        #expect(try await app.visit(client) { $0.names.count } == 512)
    }
}
