import Modeler
import Testing

@testable import Sess

/// One increment whose answer is lost.
@Suite("Counting once")
struct CountOnceTests {
    @Test(
        "T18 An increment counts once though its answer was lost and others have written a hundred times since",
        arguments: SessionStoreKind.allCases)
    func once(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            for isStored in [true, false] {
                for writes in [0, 1, 9, 100] {
                    let losing = LosingCollection(store)
                    let (app, others) = (try StoreApp(losing), try StoreApp(store))
                    let (client, other) = (TestClient(), TestClient())
                    if isStored { try await others.visit(client) { $0["n"] = 10 } }
                    let session = try await app.begin(client)
                    let error = await losing.losing { try await session.increment("n") }
                    #expect((error as? SessionError)?.code == .storeUnavailable)
                    let id = session.id
                    for index in 0..<writes {
                        try await others.visit(other) { _ in }
                        let theirs = try #require(try await others.manager.unauthorizedSession(id: id))
                        theirs["m"] = .integer(index)
                        try await theirs.save()
                    }
                    // Where the store can't tell any more, it says so and counts no second time.
                    var isUnknown = false
                    do {
                        try await session.increment("n")
                        try await app.finish(session, client)
                    } catch let error as SessionError {
                        isUnknown = true
                        #expect([.storeUnavailable, .gone].contains(error.code))
                    }
                    let stored = try #require(try await store.fetch(id))
                    #expect(stored["n"].int == (isStored ? 11 : 1), "\(writes), unknown: \(isUnknown)")
                    if writes > 0 { #expect(stored["m"].int == writes - 1) }
                }
            }
        }
    }

    @Test("T18 An increment counts once though two minutes have passed between its tries")
    func late() async throws {
        for pause in [1, 119, 121, 600] {
            let clock = TestClock(Timestamp(milliseconds: 1_800_000_000_000))
            let store = MemoryCollection(name: "sessions", now: { clock.now })
            let losing = LosingCollection(store)
            let (app, others) = (try StoreApp(losing), try StoreApp(store))
            let client = TestClient()
            let id = try await others.visit(client) { session in
                session["n"] = 10
                return session.id
            }
            let session = try await app.begin(client)
            #expect(await losing.losing { try await session.increment("n") } != nil)
            for index in 0..<100 {
                let theirs = try #require(try await others.manager.unauthorizedSession(id: id))
                theirs["m"] = .integer(index)
                try await theirs.save()
            }
            clock.advance(by: .seconds(pause))
            do {
                try await session.increment("n")
            } catch {
                #expect(error.code == .storeUnavailable)
            }
            #expect(try await store.fetch(id)?["n"].int == 11, "after \(pause) s")
        }
    }

    @Test(
        "T18 An increment of which only the question was lost counts once when it is asked again",
        arguments: SessionStoreKind.allCases)
    func question(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let losing = LosingCollection(store)
            let app = try StoreApp(losing)
            let client = TestClient()
            try await app.visit(client) { $0["n"] = 10 }
            try await app.visit(client) { session in
                #expect(await losing.losing(questions: true) { try await session.increment("n") } != nil)
                try await session.increment("n")
            }
            #expect(try await app.visit(client) { $0["n"].int } == 11)
        }
    }
}
