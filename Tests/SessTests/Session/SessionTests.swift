import HTTPTypes
import Modeler
import Testing

@testable import Sess

@Suite("A session")
struct SessionTests {
    enum CartKey: SessionKey {
        static let name = "cart"
        static let defaultValue: [String] = []
    }

    @Test("A value inside a typed key's value is changed in place and saved")
    func typedKeys() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0[CartKey.self].append("tea") }
        try await app.visit(client) { $0[CartKey.self].append("milk") }
        let cart = try await app.visit(client) { $0[CartKey.self] }
        #expect(cart == ["tea", "milk"])
    }

    @Test("S7 A nested member of the free-form bag is changed in place; its neighbours stay")
    func nested() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0["its"] = ["working": false, "kept": [1, 2.5, nil, "ü"]] }
        try await app.visit(client) { $0["its"]["working"] = true }
        let its = try await app.visit(client) { $0["its"] }
        #expect(its == ["working": true, "kept": [1, 2.5, nil, "ü"]])
    }

    @Test("A value that is set and set back is no change: nothing is written")
    func setBack() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        try await app.visit(client) { session in
            session["a"] = 2
            #expect(session.isModified)
            session["a"] = 1
            #expect(!session.isModified)
        }
        #expect(try await app.visit(client) { $0.revision } == 1)
    }

    @Test("S13 Replacing all data removes what the new data lacks; an empty object empties the session")
    func replacing() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0.data = ["a": 1, "b": 2] }
        try await app.visit(client) { $0.data = ["b": 3, "c": 4] }
        #expect(try await app.visit(client) { $0.data } == ["b": 3, "c": 4])
        try await app.visit(client) { $0.data = [:] }
        #expect(try await app.visit(client) { $0.data } == [:])
        #expect(try await app.visit(client) { $0.revision } == 3)
    }

    @Test("A value with no JSON form, or a reserved name, is an error when the session is saved, and nothing is stored")
    func faults() async throws {
        let app = try TestApp()
        for spoil in [{ $0["x", as: Double.self] = .nan }, { $0["__token"] = "mine" }] as [@Sendable (Session) -> Void]
        {
            let client = TestClient()
            let error = await #expect(throws: SessionError.self) {
                try await app.visit(client) { session in
                    session["fine"] = 1
                    spoil(session)
                }
            }
            #expect(error?.code == .invalidField)
            #expect(client.cookie == nil)
        }
    }

    @Test("A session beyond its maximum size is refused, and the stored one stays as it was")
    func size() async throws {
        let app = try TestApp { $0.maximumBytes = 100 }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = "small" }
        let error = await #expect(throws: SessionError.self) {
            try await app.visit(client) { $0["b", as: String.self] = String(repeating: "x", count: 100) }
        }
        #expect(error?.code == .tooLarge)
        #expect(try await app.visit(client) { $0.data } == ["a": "small"])
    }

    @Test("E3 A field of another type reads as its default and is reported; the request goes on")
    func otherType() async throws {
        let events = EventLog()
        let app = try TestApp { $0.onEvent = events.append }
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["cart"] = "a text"
            return session.id
        }
        #expect(try await app.visit(client) { $0[CartKey.self] } == [])
        #expect(events.all == [.unreadableField(session: id, field: "cart")])
    }

    @Test("pop reads once")
    func pop() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0[CartKey.self] = ["once"] }
        #expect(try await app.visit(client) { $0.pop(CartKey.self) } == ["once"])
        #expect(try await app.visit(client) { $0.pop(CartKey.self) } == [])
        #expect(try await app.visit(client) { $0.contains("cart") } == false)
    }

    @Test("S11 save without a change asks nobody; reload of a vanished session gives an empty one under a new id")
    func saveAndReload() async throws {
        let app = try TestApp()
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        try await app.visit(client) { session in
            try await session.save()
            #expect(session.revision == 1)
            _ = try await app.sessions.remove(id)
            try await session.reload()
            #expect(session.id != id)
            #expect(session.revision == 0)
            #expect(session.names.isEmpty)
        }
    }

    @Test("E12 save in the middle of a request stores at once and leaves nothing for its end")
    func saveMidway() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["a"] = 1
            try await session.save()
            #expect(try await app.sessions.fetch(session.id)?.revision == 1)
        }
        #expect(try await app.visit(client) { $0.revision } == 1)
    }

    @Test("update runs again until nobody has written what it read")
    func update() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0["credits"] = 0 }
        await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<25 {
                        try await app.visit(TestClient(cookie: client.cookie)) { session in
                            try await session.update { $0["credits", default: 0] += 1 }
                        }
                    }
                }
            }
        }
        #expect(try await app.visit(client) { $0["credits"] } == 200)
    }

    @Test("A request's tasks may save at once: the session is stored once, with all of it")
    func concurrentSaves() async throws {
        let app = try TestApp()
        let client = TestClient()
        let session = try await app.manager.begin(app.request())
        await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask {
                    session["field\(index)"] = .integer(index)
                    try await session.save()
                }
            }
        }
        var fields = HTTPFields()
        try await app.manager.finish(session, headerFields: &fields)
        client.receive(fields)
        #expect(try await app.visit(client) { $0.names.count } == 20)
        #expect(fields[values: .setCookie].count == 1)
    }

    @Test("L8 A response with the cookie is not cacheable and varies by Cookie; an app's Vary stays")
    func caching() async throws {
        let app = try TestApp()
        let session = try await app.manager.begin(app.request())
        session["a"] = 1
        var fields: HTTPFields = [.cacheControl: "public, max-age=60", .vary: "Accept"]
        fields.append(HTTPField(name: .setCookie, value: "theme=dark"))
        try await app.manager.finish(session, headerFields: &fields)
        #expect(fields[.cacheControl] == "no-store")
        #expect(fields[values: .vary] == ["Accept", "Cookie"])
        #expect(fields[values: .setCookie].first == "theme=dark")
        #expect(fields[values: .setCookie].count == 2)
    }

    @Test("Limits that are no limits are refused when they are configured")
    func limits() throws {
        #expect(throws: SessionError.self) { try TestApp { $0.timeouts.expiry = Expiry(idle: .zero) } }
        #expect(throws: SessionError.self) { try TestApp { $0.timeouts.expiry = Expiry(absolute: .seconds(-1)) } }
        #expect(throws: SessionError.self) { try TestApp { $0.maximumBytes = 0 } }
        #expect(throws: SessionError.self) { try TestApp { $0.timeouts.renewalWindow = .seconds(-1) } }
    }
}
