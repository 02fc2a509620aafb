import HTTPTypes
import Modeler
import Synchronization
import Testing

@testable import Sess

/// A store that takes no writes, and one that takes its time.
@Suite("A store in trouble")
struct ReadOnlyStoreTests {
    private final class Fault: Sendable {
        enum Kind: Sendable { case none, writes, all, slow }
        private let kind = Mutex(Kind.none)
        func set(_ new: Kind) { kind.withLock { $0 = new } }

        func check(_ isRead: Bool) async throws(ModelError) {
            switch kind.withLock({ $0 }) {
            case .none: return
            case .writes where isRead: return
            case .writes, .all: throw ModelError(.unavailable, "refused for the test")
            case .slow:
                do {
                    try await Task.sleep(for: isRead ? .milliseconds(60) : .seconds(60))
                } catch {
                    throw ModelError(.cancelled, "cancelled")
                }
            }
        }
    }

    private func app(
        _ store: any OwnershipCollection, _ configure: (inout SessionOptions) throws -> Void
    ) throws -> (StoreApp, Fault) {
        let fault = Fault()
        let interposed = InterposedCollection(store) { call async throws(ModelError) in
            try await fault.check(call == .fetch || call == .ownership)
        }
        return (try StoreApp(interposed, configure), fault)
    }

    @Test(
        "Read-only: what can be read is served, a change is refused, and no cookie is ever sent",
        arguments: SessionStoreKind.allCases)
    func readOnly(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            for policy in [SessionOptions.StoreDownPolicy.readOnly, .fail, .anonymous] {
                let (app, fault) = try app(store) {
                    $0.store.whenDown = policy
                    $0.timeouts.renewalWindow = .zero
                    $0.users.epochCheck = .everyRequest
                }
                let guest = TestClient()
                try await app.visit(guest) { $0["a"] = 1 }
                let alice = TestClient()
                try await app.visit(alice) { try await $0.signIn(userID: "alice") }
                let (guestCookie, aliceCookie) = (guest.cookie, alice.cookie)
                fault.set(.writes)
                #expect(try await app.visit(guest) { $0["a"] } == 1)
                switch policy {
                case .readOnly: #expect(try await app.visit(alice) { $0.userID } == "alice")
                case .fail: await #expect(throws: SessionError.self) { try await app.visit(alice) { $0.userID } }
                case .anonymous: #expect(try await app.visit(alice) { $0.isDetached })
                }
                let error = await #expect(throws: SessionError.self) { try await app.visit(guest) { $0["a"] = 2 } }
                #expect(error?.code == .storeUnavailable)
                fault.set(.all)
                if policy == .anonymous {
                    #expect(try await app.visit(guest) { $0.isDetached })
                } else {
                    let error = await #expect(throws: SessionError.self) { try await app.visit(guest) { $0["a"] } }
                    #expect(error?.code == .storeUnavailable)
                }
                fault.set(.none)
                #expect(guest.cookie == guestCookie && alice.cookie == aliceCookie)
                #expect(try await app.visit(guest) { $0["a"] } == 1)
                #expect(try await app.visit(alice) { $0.userID } == "alice")
            }
        }
    }

    @Test(
        "Read-only: who was revoked is not served, and a migrated session is served and not stored",
        arguments: SessionStoreKind.allCases)
    func libraryWrites(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let (app, fault) = try app(store) {
                $0.store.whenDown = .readOnly
                $0.users.epochCheck = .everyRequest
            }
            let alice = TestClient()
            try await app.visit(alice) { try await $0.signIn(userID: "alice") }
            // A revocation that died after its first step.
            _ = try await store.advanceEpoch(of: try OwnerID("alice"))
            fault.set(.writes)
            #expect(try await app.visit(alice) { $0.userID } == nil)
            fault.set(.none)
            let guest = TestClient()
            try await app.visit(guest) { $0["a"] = 1 }
            let (next, nextFault) = try self.app(store) {
                $0.store.whenDown = .readOnly
                $0.schema = try SessionSchema(version: 1) {
                    $0.migrate(from: 0) { $0["b"] = $0.pop("a", as: JSONValue.self) ?? 0 }
                }
            }
            nextFault.set(.writes)
            try await next.visit(guest) { session in
                #expect(session.data == ["b": 1])
                #expect(session.revision == 1)
            }
            let session = try await next.begin(guest)
            nextFault.set(.none)
            session["c"] = 1
            let error = await #expect(throws: SessionError.self) { try await next.finish(session, guest) }
            #expect(error?.code == .storeUnavailable, "it would be stored on top of what isn't")
            await #expect(throws: SessionError.self) { try await session.rotate() }
            #expect(try await next.visit(guest) { ($0.data, $0.revision) } == (["b": 1], 2))
        }
    }

    @Test(
        "A request waits for the store no longer than its deadline, over all its calls, and a call under way is cancelled"
    )
    func deadline() async throws {
        let (app, fault) = try app(MemoryCollection(name: "sessions")) { $0.store.deadline = .milliseconds(150) }
        let client = TestClient()
        try await app.manager.withStoreDeadline { _ = try await app.visit(client) { $0["a"] = 1 } }
        fault.set(.slow)
        let start = ContinuousClock.now
        let error = await #expect(throws: SessionError.self) {
            try await app.manager.withStoreDeadline {
                // The first reads fit in, the write never would.
                _ = try await app.visit(client) { session in
                    try await session.reload()
                    session["a"] = 2
                }
            }
        }
        #expect(error?.code == .storeUnavailable)
        #expect(ContinuousClock.now - start < .seconds(20))
        let readsOnly = await #expect(throws: SessionError.self) {
            try await app.manager.withStoreDeadline {
                _ = try await app.visit(client) { session in for _ in 0..<50 { try await session.reload() } }
            }
        }
        #expect(readsOnly?.code == .storeUnavailable, "many short calls are as long as a long one")
        fault.set(.none)
        try await app.manager.withStoreDeadline {
            _ = try await app.visit(client) { session in
                try await Task.sleep(for: .milliseconds(200))
                #expect(session["a"] == 1)
                session["a"] = 3
            }
        }
        #expect(try await app.visit(client) { $0["a"] } == 3, "the handler's own time doesn't count")
        #expect(throws: SessionError.self) { try TestApp { $0.store.deadline = .zero } }
    }
}
