import HTTPTypes
import Modeler
import RedisTestServer
import Testing

@testable import Sess

/// Ends of sessions whose record nobody can read.
@Suite("Ends of unreadable sessions")
struct UnreadableEndTests {
    @Test("One of a user's sessions is revoked though its record can't be read, and its streams end")
    func unreadable() async throws {
        try await UserStore.with(.redis) { store in
            let server = try #require(store.server)
            let app = try UsersApp(store.sessions)
            var ids: [ModelID] = []
            for _ in 0..<2 {
                let client = try await app.signedIn("alice")
                ids.append(try await app.visit(client) { $0.id })
            }
            for id in ids { _ = try await server.command("HSET", "users:sessions:\(id)", "@", "garbage") }
            #expect(try await app.manager.revoke(ids[0], of: "bob") == false)
            #expect(try await app.manager.revoke(ids[0], of: "alice"))
            #expect(try await server.command("EXISTS", "users:sessions:\(ids[0])").integer == 0)
            var ends = app.manager.endEvents(of: ids[1], pollingEvery: .milliseconds(50)).makeAsyncIterator()
            #expect(await ends.next() == .elsewhere)
        }
    }

    @Test("T11 A record of a newer layout gives a detached session, and the client keeps its token")
    func newerLayout() async throws {
        try await UserStore.with(.redis) { store in
            let server = try #require(store.server)
            let app = try UsersApp(store.sessions)
            let client = try await app.signedIn("alice")
            let id = try await app.visit(client) { $0.id }
            let key = "users:sessions:\(id)"
            let head = try #require(try await server.command("HGET", key, "@").text)
            _ = try await server.command("HSET", key, "@", "9" + head.dropFirst())
            try await app.visit(client) { session in
                #expect(session.isDetached && session.isNew && session.userID == nil)
                session["a"] = 1
                let error = await #expect(throws: SessionError.self) { try await session.save() }
                #expect(error?.code == .unreadableHere)
            }
            #expect(client.last.isEmpty || !client.last.contains { $0.name == .setCookie })
            _ = try await server.command("HSET", key, "@", head)
            #expect(try await app.users(at: client) == ["alice", "alice"])
        }
    }
}
