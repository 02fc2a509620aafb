import Modeler
import Synchronization
import Testing

@testable import Sess

/// What counts towards a request's time with its store, and what doesn't.
@Suite("store.deadline", .timeLimit(.minutes(2)))
struct StoreDeadlineTests {
    /// A store whose calls take a time that a test sets.
    private final class Pace: Sendable {
        private let pause = Mutex<(calls: Set<StoreCall>, time: Duration)>(([], .zero))

        func set(_ calls: Set<StoreCall>, _ time: Duration) { pause.withLock { $0 = (calls, time) } }

        func store(_ base: any OwnershipCollection) -> InterposedCollection {
            InterposedCollection(base) { call throws(ModelError) in
                let (calls, time) = self.pause.withLock { $0 }
                guard calls.contains(call) else { return }
                do {
                    try await Task.sleep(for: time)
                } catch {
                    throw ModelError(.cancelled, "cancelled")
                }
            }
        }
    }

    private func app(_ deadline: Duration) throws -> (StoreApp, Pace) {
        let pace = Pace()
        return (
            try StoreApp(pace.store(MemoryCollection(name: "sessions"))) { $0.store.deadline = deadline }, pace
        )
    }

    @Test("A stream of ends that a request has opened sees them, however long the request has waited before")
    func ends() async throws {
        let (app, pace) = try app(.milliseconds(100))
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["a"] = 1
            return session.id
        }
        pace.set([.fetch], .seconds(60))
        let stream = await app.manager.withStoreDeadline {
            await #expect(throws: SessionError.self) { try await app.visit(client) { _ = $0["a"] } }
            return app.manager.endEvents(of: id, pollingEvery: .milliseconds(20))
        }
        pace.set([], .zero)
        // Another server's doing, of which this store doesn't tell.
        _ = try await app.manager.sessions.remove(id)
        var ends: [SessionEnd] = []
        for await end in stream { ends.append(end) }
        #expect(ends == [.elsewhere])
    }

    @Test("Waiting for an exclusive section isn't waiting for the store, and whoever was in it leaves it")
    func exclusive() async throws {
        let (app, pace) = try app(.seconds(1))
        let other = try SessionManager(sessions: app.manager.sessions, options: SessionOptions())
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let holder = try await other.begin(app.request(cookie: client.cookie))
        let (entered, signal) = AsyncStream.makeStream(of: Void.self)
        let holding = Task {
            try await holder.withExclusiveAccess { _ in
                signal.yield()
                try await Task.sleep(for: .milliseconds(2500))
            }
        }
        for await _ in entered { break }
        pace.set([.commit], .milliseconds(30))
        let waiting = try await app.begin(client)
        try await app.manager.withStoreDeadline {
            try await waiting.withExclusiveAccess { _ in
                waiting["b"] = 1
                // Spends what is left.
                pace.set([.fetch], .seconds(60))
                await #expect(throws: SessionError.self) {
                    _ = try await app.manager.unauthorizedSession(id: waiting.id)
                }
                pace.set([], .zero)
            }
        }
        try await holding.value
        #expect(try await app.visit(client) { $0["b"] } == 1)
        let start = ContinuousClock.now
        try await app.begin(client).withExclusiveAccess(lease: .seconds(15)) { _ in }
        #expect(ContinuousClock.now - start < .seconds(10), "nobody has to wait for the lease's end")
    }

    @Test(
        "What looks after users' sessions keeps the deadline too",
        arguments: [StoreCall.remove, .withdraw, .renew])
    func users(_ call: StoreCall) async throws {
        let (app, pace) = try app(.milliseconds(800))
        let client = TestClient()
        try await app.visit(client) { try await $0.signIn(userID: "alice") }
        pace.set([call], .seconds(600))
        let start = ContinuousClock.now
        try await app.manager.withStoreDeadline {
            switch call {
            case .remove:
                await #expect(throws: SessionError.self) { try await app.manager.revokeAll(of: "alice") }
            case .withdraw:
                try await app.visit(client) { try await $0.destroy() }
            default:
                await #expect(throws: SessionError.self) {
                    try await app.visit(client) { session in
                        try session.remember()
                        try await session.save()
                    }
                }
            }
        }
        #expect(ContinuousClock.now - start < .seconds(60))
        pace.set([], .zero)
    }
}
