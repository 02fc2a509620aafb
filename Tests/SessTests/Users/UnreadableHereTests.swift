import Modeler
import Testing

@testable import Sess

@Suite("A user's sessions that only another server can read")
struct UnreadableHereTests {
    @Test(
        "T11 A server without their key doesn't show them, and leaves them in the user's index",
        arguments: UserStoreKind.allCases)
    func otherKey(_ kind: UserStoreKind) async throws {
        try await withSessions(kind) { store in
            func app(_ name: String, _ byte: UInt8) throws -> StoreApp {
                try StoreApp(store) {
                    $0.store.encryptionKeys = try KeyRing([
                        KeyRing.Key(name: name, bytes: Array(repeating: byte, count: 32))
                    ])
                }
            }
            let (newer, older) = (try app("new", 1), try app("old", 2))
            let client = TestClient()
            try await newer.visit(client) { try await $0.signIn(userID: "alice") }
            #expect(try await older.manager.sessions(of: "alice").isEmpty)
            #expect(try await older.manager.storedSessions().sessions.isEmpty)
            #expect(try await newer.manager.sessions(of: "alice").count == 1)
            // Also by those who can't read it it can be revoked.
            try await older.manager.revokeAll(of: "alice")
            #expect(try await newer.manager.sessions(of: "alice").isEmpty)
            #expect(try await newer.visit(client) { $0.userID } == nil)
        }
    }
}
