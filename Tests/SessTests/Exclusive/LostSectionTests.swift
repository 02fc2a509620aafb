import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("Exclusive sections whose holder fails")
struct LostSectionTests {
    @Test(
        "A holder that dies holds others up for its lease; should it live, nothing more of it is saved",
        arguments: UserStoreKind.allCases
    )
    func crash(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            // The first server stands still: its writes don't reach the store for a while.
            let isStill = Mutex(false)
            let slow = InterposedCollection(store.sessions) { call throws(ModelError) in
                if call == .commit, isStill.withLock({ $0 }) {
                    throw ModelError(.unavailable, "the server stands still")
                }
            }
            let first = try UsersApp(slow, count: 1)
            let second = try UsersApp(store.sessions, count: 1)
            let session = try await ExclusiveTests.stored(first.manager)
            let code = await ExclusiveTests.code {
                try await session.withExclusiveAccess(lease: .milliseconds(400)) { section in
                    #expect(section.isHeld)
                    isStill.withLock { $0 = true }
                    // Nobody else writes this field, so that the section alone guards it.
                    session["own"] = 1
                    let other = try #require(try await second.manager.unauthorizedSession(id: session.id))
                    try await other.withExclusiveAccess(timeout: .seconds(30)) { successor in
                        #expect(successor.fencingToken > section.fencingToken)
                        other["n"] = 2
                    }
                    #expect(!section.isHeld)
                    #expect(await ExclusiveTests.code { try section.requireHeld() } == .sectionLost)
                    isStill.withLock { $0 = false }
                    #expect(await ExclusiveTests.code { try await session.increment("m") } == .sectionLost)
                    #expect(await ExclusiveTests.code { try await session.update { $0["n"] = 3 } } == .sectionLost)
                }
            }
            #expect(code == .sectionLost)
            let after = try #require(try await second.manager.unauthorizedSession(id: session.id))
            #expect(after["n"] == 2)
            #expect(after["m"] == .null && after["own"] == .null)
            // The request may go on, outside.
            session["later"] = true
            try await session.save()
            try await after.reload()
            #expect(after["later"] == true && after["n"] == 2)
        }
    }

    @Test("The lease is renewed while the holder runs")
    func renewal() async throws {
        let app = try UsersApp(MemoryCollection())
        let session = try await ExclusiveTests.stored(app.manager)
        let other = try #require(try await app.managers[1].unauthorizedSession(id: session.id))
        try await session.withExclusiveAccess(lease: .milliseconds(300)) { section in
            let code = await ExclusiveTests.code {
                try await other.withExclusiveAccess(timeout: .milliseconds(900)) { _ in }
            }
            #expect(code == .busy)
            #expect(section.isHeld)
            session["n"] = 5
        }
        try await other.reload()
        #expect(other["n"] == 5)
    }

    @Test("A renewal whose answer is lost loses nothing")
    func lostAnswer() async throws {
        let store = LosingCollection(MemoryCollection())
        let manager = SessionManager(sessions: store)
        let session = try await ExclusiveTests.stored(manager)
        try await session.withExclusiveAccess(lease: .milliseconds(200)) { section in
            store.losesAnswers.withLock { $0 = true }
            while store.lost.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            store.losesAnswers.withLock { $0 = false }
            session["n"] = 7
            try await session.save()
            #expect(section.isHeld)
        }
        #expect(try await manager.unauthorizedSession(id: session.id)?["n"] == 7)
    }

    @Test("A session that is dropped and kept leaves its section at once", arguments: UserStoreKind.allCases)
    func dropped(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions) { $0.whenDropped = .keep }
            let session = try await ExclusiveTests.stored(app.manager)
            let before = session.data
            try await session.withExclusiveAccess(lease: .seconds(600)) { section in
                session["n"] = 7
                session.drop()
                // It is held all the same, for as long as the function runs.
                let isHeld = try await session.renewSection(lease: .seconds(600))
                #expect(isHeld && section.isHeld)
            }
            let record = try #require(try await app.store.fetch(session.id))
            #expect(SectionRecord.read(record) == nil)
            let other = try #require(try await app.managers[1].unauthorizedSession(id: session.id))
            try await other.withExclusiveAccess(timeout: .seconds(20)) { _ in
                #expect(other.data == before)
            }
        }
    }

    @Test("An entry whose answer is lost is taken back")
    func lostEntry() async throws {
        let store = LosingCollection(MemoryCollection())
        let manager = SessionManager(sessions: store)
        let session = try await ExclusiveTests.stored(manager)
        store.losesAnswers.withLock { $0 = true }
        let error = await #expect(throws: SessionError.self) {
            try await session.withExclusiveAccess(lease: .seconds(600)) { _ in }
        }
        #expect(error?.code == .storeUnavailable)
        store.losesAnswers.withLock { $0 = false }
        let other = try #require(try await manager.unauthorizedSession(id: session.id))
        try await other.withExclusiveAccess(timeout: .seconds(20)) { _ in }
    }
}
