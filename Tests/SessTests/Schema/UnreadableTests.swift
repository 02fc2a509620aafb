import HTTPTypes
import HiredisClient
import Modeler
import ModelerRedis
import RedisTestServer
import Synchronization
import Testing

@testable import Sess

/// Records and fields that are not what the app expects.
@Suite("Unreadable sessions")
struct UnreadableTests {
    private struct Cart: Codable, Sendable, Equatable { var items: [String] = [] }
    private enum CartKey: SessionKey {
        static let name = "cart"
        static let defaultValue = Cart()
    }
    private struct Visitor: SessionModel, Equatable {
        var name = "nobody"
        var visits = 0
    }

    @Test(
        "E3 After a deploy that changed types: the bag, typed keys and whole types read as defaults, with an event each",
        arguments: SessionStoreKind.allCases
    )
    func changedTypes(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let events = EventLog()
            let app = try StoreApp(store) { $0.onEvent = events.append }
            let client = TestClient()
            let id = try await app.visit(client) { session in
                session["cart"] = ["tea"]
                session["visits"] = "many"
                return session.id
            }
            try await app.visit(client) { session in
                #expect(session[CartKey.self] == Cart())
                #expect(session["visits", as: Int.self] == nil)
                #expect(session["visits", default: 3] == 3)
                #expect(session[Visitor.self] == Visitor())
                session[CartKey.self].items.append("coffee")
                session["visits", default: 0] += 1
            }
            #expect(
                Set(events.all).isSubset(of: [
                    .unreadableField(session: id, field: "cart"), .unreadableField(session: id, field: "visits"),
                    .unreadableField(session: id, field: "Visitor"),
                ]))
            #expect(Set(events.all).count == 3)
            try await app.visit(client) { session in
                #expect(session[CartKey.self].items == ["coffee"])
                #expect(session["visits"] == 1)
            }
        }
    }

    @Test("E3 A field that is no JSON reads as its default everywhere, and can be written anew")
    func noJSON() async throws {
        try await UserStore.with(.redis) { store in
            let server = try #require(store.server)
            let events = EventLog()
            let app = try StoreApp(store.sessions) {
                $0.onEvent = events.append
                $0.conflictPolicies = ["merged": .members]
            }
            let client = TestClient()
            let id = try await app.visit(client) { session in
                session.data = ["bag": 1, "cart": ["items": []], "name": "x", "merged": ["a": 1]]
                return session.id
            }
            let late = try await app.begin(client)
            late["merged"] = ["a": 2]
            for name in ["bag", "cart", "name", "merged"] {
                _ = try await server.command("HSET", "users:sessions:\(id)", name, "9:{\"half")
            }
            let fields = try await server.command("HKEYS", "users:sessions:\(id)")
            #expect("\(fields)".contains("bag"))
            try await app.finish(late, client)
            try await app.visit(client) { session in
                #expect(session["bag"] == .null)
                #expect(session[CartKey.self] == Cart())
                #expect(session[Visitor.self] == Visitor())
                #expect(session.data["bag"] == .null)
                session["bag"] = 2
            }
            #expect(!events.all.isEmpty)
            #expect(try await app.visit(client) { $0["bag"] } == 2)
        }
    }

    @Test("E3 A record that is none, or of another layout, gives a new session: at the beginning and in the middle")
    func noRecord() async throws {
        try await UserStore.with(.redis) { store in
            let server = try #require(store.server)
            for damage in [["SET", "text"], ["HSET", "x", "y"], ["RPUSH", "1"]] {
                let events = EventLog()
                let app = try StoreApp(store.sessions) { $0.onEvent = events.append }
                let client = TestClient()
                let id = try await app.visit(client) { session in
                    session["a"] = 1
                    return session.id
                }
                let cookie = client.cookie
                let writing = try await app.begin(client)
                let touching = try await app.begin(client)
                let reloading = try await app.begin(client)
                let key = "users:sessions:\(id)"
                _ = try await server.command("DEL", key)
                _ = try await server.commands([[damage[0], key] + damage.dropFirst()])
                writing["a"] = 2
                try await app.finish(writing, client)
                #expect(client.last[values: .setCookie].isEmpty)
                let error = await #expect(throws: SessionError.self) { try await touching.touch() }
                #expect(error?.code == .gone)
                try await reloading.reload()
                #expect(reloading.isNew && reloading.id != id)
                let again = TestClient(cookie: cookie)
                try await app.visit(again) { session in
                    #expect(session.isNew)
                    session["b"] = 1
                }
                #expect(try await app.visit(again) { $0.data } == ["b": 1])
                #expect(try await app.manager.unauthorizedSession(id: id) == nil)
                #expect(events.all.filter { $0 == .unreadableSession(session: id) }.count == 5)
            }
        }
    }
}
