import Modeler
import Testing

@testable import Sess

/// The lines that an app writes by name. Each of them has to compile, and to mean what a dictionary's would.
@Suite("Fields by name")
struct FieldSpellingTests {
    struct Cart: Codable, Sendable, Equatable {
        var items: [String] = []
    }

    /// Runs the same lines on a session and on a draft of one.
    private func withBoth(_ body: (any SessionFields) throws -> Void) async throws {
        let app = try TestApp()
        let session = try await app.manager.begin(app.request())
        try body(session)
        try body(SessionDraft([]) { _ in })
    }

    @Test("Variables, values of any Codable type and literals are written by name")
    func writing() async throws {
        let (name, count, list, cart) = ("alice", 5, ["a", "b"], Cart(items: ["tea"]))
        let missing: String? = nil
        let json: JSONValue = ["a": [1, 2.5, true]]
        try await withBoth { session in
            session["name"] = name
            session["count"] = count
            session["list"] = list
            session["cart"] = cart
            session["fresh"] = Cart()
            session["json"] = json
            session["five"] = 5
            session["half"] = 0.5
            session["yes"] = true
            session["text"] = "text"
            session["greeting"] = "Hello, \(name)"
            session["mixed"] = ["a": 1, "b": ["c", true]]
            session["numbers"] = [1, 2, 3]
            session["nothing"] = missing
            session["its"]["working"] = true
            session["its"]["depth"]["two"] = 2
            session["times", default: 0] += 1
            session["times", default: 0] += 1
            session["tags", default: [String]()].append("new")
            session["typed", as: Int.self] = count
            #expect(
                session.data == [
                    "name": "alice", "count": 5, "list": ["a", "b"], "cart": ["items": ["tea"]],
                    "fresh": ["items": []], "json": ["a": [1, 2.5, true]], "five": 5, "half": 0.5, "yes": true,
                    "text": "text", "greeting": "Hello, alice", "mixed": ["a": 1, "b": ["c", true]],
                    "numbers": [1, 2, 3], "its": ["working": true, "depth": ["two": 2]], "times": 2, "tags": ["new"],
                    "typed": 5,
                ])
        }
    }

    @Test("What was written is read by name as any type, or as JSON")
    func reading() async throws {
        try await withBoth { session in
            session["name"] = "alice"
            session["count"] = 5
            session["cart"] = Cart(items: ["tea"])
            session["its"]["working"] = true
            session["yes"] = true

            if let name: String = session["name"] { #expect(name == "alice") } else { Issue.record("no name") }
            guard let count: Int = session["count"] else {
                Issue.record("no count")
                return
            }
            #expect(count == 5)
            let cart: Cart? = session["cart"]
            #expect(cart == Cart(items: ["tea"]))
            #expect((session["cart"] as Cart?)?.items == ["tea"])
            #expect(session["count", as: Int.self] == 5)
            #expect(session["name"] ?? "nobody" == "alice")
            #expect(session["missing"] ?? "nobody" == "nobody")
            #expect(session["name"].string == "alice")
            #expect(session["count"].int == 5)
            #expect(session["name"] == "alice")
            #expect(session["count"] == 5)
            #expect(session["yes"] == true)
            #expect(session["its"]["working"] == true)
            #expect(session["its"]["working"].bool == true)
            #expect(session["missing"] == nil)
            #expect(session["missing"].isNull)
            #expect(session["name"] != nil)
            let variable = "alice"
            #expect(session["name"] == variable)
            let value = session["name"]
            #expect(value == "alice")
        }
    }

    @Test("Setting nil removes the field or the member, and begins no session")
    func removing() async throws {
        try await withBoth { session in
            session["name"] = nil
            session["a"]["b"] = nil
            #expect(session.names == [])
            session["name"] = "alice"
            session["cart"] = Cart()
            session["json"] = true
            session["a"] = ["b": 1, "c": 2]
            session["name"] = nil
            session["cart", as: Cart.self] = nil
            session["json"] = JSONValue.null
            session["a"]["b"] = nil
            #expect(session.data == ["a": ["c": 2]])
            session["a"]["c"] = nil
            #expect(session["a"] == [:])
            session["a"] = nil
            #expect(session.names == [] && !session.contains("a"))
        }
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["user"] = nil
            session["a"]["b"] = nil
        }
        #expect(client.cookie == nil)
    }

    @Test("S6 A null is stored where it is asked for: by set, within a value, and in a whole session's data")
    func explicitNull() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            try session.set("null", to: JSONValue.null)
            session["list"] = [nil, 1]
            session["members"] = ["a": nil]
            session["bytes"] = EncodedJSON.null
        }
        let expected: JSONObject = ["null": nil, "list": [nil, 1], "members": ["a": nil], "bytes": nil]
        try await app.visit(client) { session in
            #expect(session.contains("null") && session["null"].isNull)
            #expect(session.data == expected)
            session.data = expected
        }
        #expect(try await app.visit(client) { $0.data } == expected)
        try await app.visit(client) { $0["null"] = nil }
        #expect(try await app.visit(client) { !$0.contains("null") })
    }

    @Test("set(_:to:) stores a value, and throws at once where a subscript leaves the error to the save")
    func settingAtOnce() async throws {
        enum Visits: SessionKey {
            static let name = "visits"
            static let defaultValue = 0
        }
        try await withBoth { session in
            try session.set("name", to: "alice")
            try session.set(Visits.self, to: 3)
            #expect(session.data == ["name": "alice", "visits": 3])
            for (name, value) in [("nan", Double.nan), ("__token", 1)] {
                let error = #expect(throws: SessionError.self) { try session.set(name, to: value) }
                #expect(error?.code == .invalidField && error?.message.contains(name) == true)
            }
        }
        let app = try TestApp { $0.maximumFields = 2 }
        let session = try await app.manager.begin(app.request())
        try session.set("a", to: 1)
        try session.set("b", to: 2)
        #expect(throws: SessionError.self) { try session.set("c", to: 3) }
        try session.set("b", to: 4)
        try await session.save()
        #expect(session.data == ["a": 1, "b": 4])
    }

    @Test("An app can store nothing that is no JSON")
    func garbage() async throws {
        for text in ["", "{", "1 2", "{\"a\":1,}", "\u{0}"] {
            let app = try TestApp()
            let session = try await app.manager.begin(app.request())
            let garbage = EncodedJSON(unchecked: ArraySlice(text.utf8))
            session["garbage"] = garbage
            let error = await #expect(throws: SessionError.self) { try await session.save() }
            #expect(error?.code == .invalidField, "\(text)")
            #expect(throws: SessionError.self) { try session.set("garbage", to: [garbage]) }
            #expect(throws: SessionError.self) { try session.set("garbage", to: garbage, expiringAfter: .seconds(1)) }
            #expect(session.names == [])
        }
    }
}
