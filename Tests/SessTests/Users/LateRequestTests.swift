import HTTPTypes
import Modeler
import Testing

@testable import Sess

/// Requests that were under way while somebody signed in.
@Suite("Requests with the token from before a sign-in")
struct LateRequestTests {
    @Test(
        "L2 C6 A request with the token from before a sign-in has no part in the session, stores nothing and gets no cookie",
        arguments: UserStoreKind.allCases)
    func late(_ kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let client = TestClient()
            let id = try await app.visit(client) { session in
                session["cart"] = ["tea"]
                return session.id
            }
            let before = try #require(client.cookie)
            try await app.visit(client) { try await $0.signIn(userID: "alice") }
            for server in 0..<2 {
                let late = TestClient(cookie: before)
                let lateID = try await app.visit(late, server: server) { session in
                    #expect(session.isNew && session.isDetached && session.userID == nil && session.names.isEmpty)
                    session["cart"] = ["milk"]
                    return session.id
                }
                #expect(late.last[values: .setCookie].isEmpty)
                #expect(late.last[.vary] == "Cookie")
                #expect(lateID != id)
                #expect(try await store.sessions.fetch(lateID) == nil)
                let deeds: [@Sendable (Session) async throws -> Void] = [
                    { try await $0.save() }, { try await $0.increment("n") }, { try await $0.rotate() },
                    { try await $0.touch() }, { try await $0.update { $0["a"] = 1 } },
                ]
                for deed in deeds {
                    let error = await #expect(throws: SessionError.self) {
                        try await app.visit(late, server: server, deed)
                    }
                    #expect(error?.code == .gone)
                }
                try await app.visit(late, server: server) { session in
                    try await session.destroy()
                    try await session.regenerate()
                    session["a"] = 1
                }
                #expect(late.last[values: .setCookie].isEmpty)
            }
            #expect(try await app.users(at: client) == ["alice", "alice"])
            #expect(try await app.visit(client) { $0["cart"] } == ["tea"])
        }
    }

    @Test(
        "A sign-in that is sent twice ends in a session, whichever answer comes last", arguments: UserStoreKind.allCases
    )
    func twice(_ kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let client = TestClient()
            try await app.visit(client) { $0["a"] = 1 }
            let again = TestClient(cookie: client.cookie)
            try await app.visit(client) { try await $0.signIn(userID: "alice") }
            try await app.visit(again, server: 1) { try await $0.signIn(userID: "alice") }
            for client in [client, again] { #expect(try await app.users(at: client) == ["alice", "alice"]) }
            #expect(try await app.visit(again) { $0.names.isEmpty })
            #expect(try await app.manager.sessions(of: "alice").count == 2)
        }
    }

    @Test("Of two cookies, the one whose token was replaced doesn't hide the valid one")
    func duplicates() async throws {
        let app = try TestApp()
        let client = app.browser()
        try await app.visit(client) { $0["a"] = 1 }
        let before = try #require(client.cookie)
        try await app.visit(client) { try await $0.signIn(userID: "alice") }
        let both = TestClient(cookie: "\(before); \(try #require(client.cookie))")
        #expect(try await app.visit(both) { $0.userID } == "alice")
    }

    @Test("It lasts for the grace; then the token is like any other that is none, and its use is reported")
    func over() async throws {
        let events = EventLog()
        let app = try TestApp { $0.onEvent = events.append }
        let client = app.browser()
        try await app.visit(client) { $0["a"] = 1 }
        let before = try #require(client.cookie)
        try await app.visit(client) { try await $0.signIn(userID: "alice") }
        app.clock.advance(by: .milliseconds(29_999))
        #expect(try await app.visit(TestClient(cookie: before)) { $0.isDetached })
        #expect(events.all == [])
        app.clock.advance(by: .milliseconds(1))
        let late = TestClient(cookie: before)
        try await app.visit(late) { session in
            #expect(session.isNew && !session.isDetached)
            session["b"] = 1
        }
        #expect(late.last[values: .setCookie].count == 1)
        #expect(events.all.count == 1)
    }
}
