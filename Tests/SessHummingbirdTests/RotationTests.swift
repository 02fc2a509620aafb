import Modeler
import Sess
import SessTestSupport
import Testing

/// What one request does with its session, many things at once among them.
@Suite struct RotationTests {
    @Test(
        "Destroy and write in one request: the old record is gone, the client gets the new one's cookie",
        arguments: StoreKind.allCases
    )
    func destroyAndWrite(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            let id = try await client.request { session in
                session["a"] = 1
                return session.id
            }
            let old = client.copy()
            let session = try await client.begin()
            session["pending"] = 1
            try await session.destroy()
            session["b"] = 1
            #expect(try await client.finish(session).count == 1)
            #expect(session.id != id)
            #expect(session.names == ["b"])
            #expect(try await client.begin().id == session.id)
            #expect(try await old.begin().isNew)
            #expect(try await store.sessions.fetch(id) == nil)
        }
    }

    @Test("Many tasks of one request change its session: nothing is lost", arguments: StoreKind.allCases)
    func tasks(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            let session = try await client.begin()
            _ = try await concurrently(100, width: 100) { index in
                session["f\(index)"] = JSONValue(integerLiteral: index)
                if index.isMultiple(of: 3) { try await session.save() }
                if index.isMultiple(of: 5) { try await session.increment("n") }
                if index.isMultiple(of: 10) { try await session.rotate() }
            }
            try await client.finish(session)
            let data = try await client.request { $0.data }
            #expect(data["n"] == 20)
            for index in 0..<100 { #expect(data["f\(index)"] == JSONValue(integerLiteral: index)) }
        }
    }
}
