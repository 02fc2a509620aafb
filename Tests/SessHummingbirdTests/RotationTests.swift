import Modeler
import Sess
import SessTestSupport
import Testing

/// Tokens that are replaced while other requests still carry the one before.
@Suite struct RotationTests {
    @Test(
        "C6 Two requests with one token rotate with a grace: no logout, whichever answer the client gets last",
        arguments: StoreKind.allCases
    )
    func bothRotate(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let manager = SessionManager(sessions: store.sessions)
            for overlaps in [true, false] {
                for firstAnswerIsLast in [true, false] {
                    let client = DirectClient(manager)
                    let id = try await client.request { session in
                        session["a"] = 1
                        return session.id
                    }
                    let old = client.copy()
                    let first = try await client.begin()
                    var second = try await client.begin()
                    try await first.rotate(grace: .seconds(60))
                    if !overlaps { second = try await old.begin() }
                    second["late"] = 1
                    try await second.rotate(grace: .seconds(60))
                    for session in firstAnswerIsLast ? [second, first] : [first, second] {
                        try await client.finish(session)
                    }
                    #expect(try await client.begin().id == id)
                    #expect(try await client.request { $0["late"] } == 1)
                    #expect(
                        try await old.begin().id == id,
                        "a third request with the old token is still within the grace"
                    )
                    // The next rotation leaves one token only.
                    let before = client.copy()
                    try await client.request { try await $0.rotate() }
                    #expect(try await client.begin().id == id)
                    for dead in [before, old] { #expect(try await dead.begin().isNew) }
                }
            }
        }
    }

    @Test(
        "C6 A rotation without a grace by the old token, within its grace, leaves its own token only",
        arguments: StoreKind.allCases
    )
    func hardRotation(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            try await client.request { $0["a"] = 1 }
            let old = client.copy()
            try await client.request { try await $0.rotate(grace: .seconds(60)) }
            let copy = old.copy()
            try await old.request { try await $0.rotate() }
            #expect(try await old.begin().isNew == false)
            for dead in [client, copy] { #expect(try await dead.begin().isNew) }
        }
    }

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
