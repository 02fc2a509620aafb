import Modeler
import Testing

@testable import Sess

@Suite("Waiting for a session's end")
struct EndsTests {
    private func first(_ stream: AsyncStream<SessionEnd>) async -> SessionEnd? {
        await stream.first { _ in true }
    }

    @Test("A sign-out and a revocation by the same manager are told at once", arguments: UserStoreKind.allCases)
    func here(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let client = try await app.signedIn("alice")
            var id = try await app.visit(client) { $0.id }
            let ends = (app.manager.endEvents(of: id, pollingEvery: .seconds(600)), app.manager.endEvents(of: id))
            try await app.visit(client) { try await $0.signOut() }
            #expect(await first(ends.0) == .destroyed)
            #expect(await first(ends.1) == .destroyed)
            id = try await app.visit(app.signedIn("alice")) { $0.id }
            let other = app.manager.endEvents(of: id, pollingEvery: .seconds(600))
            try await app.manager.revokeAll(of: "alice")
            #expect(await first(other) == .revoked)
            #expect(app.manager.endStreams.count == 0)
        }
    }

    @Test("What another server ends, and an expiry, is seen by asking the store", arguments: UserStoreKind.allCases)
    func elsewhere(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            let id = try await app.visit(app.signedIn("alice")) { $0.id }
            let ends = app.manager.endEvents(of: id, pollingEvery: .milliseconds(20))
            try await app.managers[1].revokeAll(of: "alice")
            // Seen between the revocation's write and the record's removal, it is found to be revoked.
            let end = await first(ends)
            #expect(end == .elsewhere || end == .revoked)

            let brief = try UsersApp(store.sessions) { $0.timeouts.expiry = Expiry(idle: .milliseconds(700)) }
            let expiring = try await brief.visit(brief.signedIn("alice")) { $0.id }
            #expect(await first(brief.manager.endEvents(of: expiring, pollingEvery: .seconds(600))) == .elsewhere)
            #expect(
                try await first(app.manager.endEvents(of: ModelID("unknown"), pollingEvery: .seconds(600)))
                    == .elsewhere)
        }
    }

    @Test(
        "What another server ends is told by the store, long before it is asked in its interval",
        .timeLimit(.minutes(1)), arguments: UserStoreKind.allCases
    )
    func told(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions)
            for _ in 0..<5 {
                let client = try await app.signedIn("alice")
                let id = try await app.visit(client) { $0.id }
                let signedOut = app.manager.endEvents(of: id, pollingEvery: .seconds(600))
                try await app.visit(client, server: 1) { try await $0.signOut() }
                #expect(await first(signedOut) == .elsewhere)
                let other = try await app.visit(app.signedIn("alice")) { $0.id }
                let revoked = app.manager.endEvents(of: other, pollingEvery: .seconds(600))
                try await app.managers[1].revokeAll(of: "alice")
                // Seen between the revocation's write and the record's removal, it is found to be revoked.
                let end = await first(revoked)
                #expect(end == .elsewhere || end == .revoked)
            }
        }
    }

    @Test("A stream that nobody reads any more leaves nothing behind; a replaced token ends nothing")
    func cancelled() async throws {
        let app = try UsersApp(MemoryCollection(), count: 1)
        let client = try await app.signedIn("alice")
        let id = try await app.visit(client) { $0.id }
        let task = Task { [app] in await first(app.manager.endEvents(of: id)) }
        let end = ContinuousClock.now + .seconds(20)
        while app.manager.endStreams.count == 0, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(1))
        }
        let underWay = TestClient(cookie: client.cookie)
        try await app.visit(underWay) { session in
            try await app.visit(client) { try await $0.rotate() }
            session["a"] = 1
        }
        #expect(app.manager.endStreams.count == 1)
        task.cancel()
        #expect(await task.value == nil)
        #expect(app.manager.endStreams.count == 0)
    }

    @Test("Users work with sessions that are sealed at rest", arguments: UserStoreKind.allCases)
    func sealed(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let keys = try KeyRing([.init(name: "k", bytes: Array(repeating: 7, count: 32))])
            let app = try UsersApp(store.sessions) {
                $0.store.encryptionKeys = keys
                $0.users.maximumSessions = 2
            }
            var clients: [TestClient] = []
            for index in 0..<3 {
                // Their order is that of the store's clock.
                try await Task.sleep(for: .milliseconds(5))
                clients.append(try await app.signedIn("alice", device: SessionDevice(userAgent: "Browser/\(index)")))
            }
            let listed = try await app.manager.sessions(of: "alice")
            #expect(Set(listed.map(\.device?.userAgent)) == ["Browser/1", "Browser/2"])
            let model = try #require(try await store.sessions.fetch(listed[0].id))
            let bytes = model.fields.flatMap { Array($0.value.bytes) }
            #expect(!String(decoding: bytes, as: UTF8.self).contains("alice"))
            try await app.manager.revokeAll(of: "alice")
            for client in clients { #expect(try await app.users(at: client) == [nil, nil]) }
        }
    }
}
