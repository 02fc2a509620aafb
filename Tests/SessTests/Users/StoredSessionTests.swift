import Modeler
import Testing

@testable import Sess

@Suite("Listing and counting live sessions")
struct StoredSessionTests {
    @Test("All live sessions are listed in parts and counted, with who is signed in", arguments: UserStoreKind.allCases)
    func listing(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            #expect(try await app.manager.countSessions() == 0)
            var expected: [ModelID: String?] = [:]
            for number in 0..<25 {
                let client = TestClient()
                let user = number.isMultiple(of: 2) ? "user\(number)" : nil
                let id = try await app.visit(client) { session in
                    session["a"] = number
                    if let user { try await session.signIn(userID: user) }
                    return session.id
                }
                expected[id] = .some(user)
            }
            for limit in [0, 3, 1000] {
                var found: [ModelID: String?] = [:]
                var cursor: PageCursor?
                repeat {
                    let page = try await app.manager.storedSessions(after: cursor, limit: limit)
                    for session in page.sessions {
                        found[session.id] = .some(session.userID)
                        #expect(session.remaining.map { $0 > .zero } == true && session.updated >= session.created)
                    }
                    cursor = page.next
                } while cursor != nil
                #expect(found == expected, "limit \(limit)")
            }
            #expect(try await app.manager.countSessions() == 25)
            try await app.managers[1].revokeAll(of: "user0")
            #expect(try await app.manager.countSessions() == 24)
        }
    }

    @Test("A store that can't be gone through says so")
    func plain() async throws {
        let manager = SessionManager(sessions: PlainCollection(MemoryCollection(name: "sessions")))
        let error = await #expect(throws: SessionError.self) { try await manager.countSessions() }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("ScannableCollection") == true)
    }
}
