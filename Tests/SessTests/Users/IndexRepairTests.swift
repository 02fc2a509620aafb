import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import Sess

@Suite("The index of users' sessions")
struct IndexRepairTests {
    @Test("An entry whose record has vanished drops out and takes no place", arguments: UserStoreKind.allCases)
    func vanished(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions) {
                $0.users.maximumSessions = 2
                $0.users.whenTooManySessions = .refuseNew
            }
            let (first, second) = (try await app.signedIn("alice"), try await app.signedIn("alice"))
            let owner = try OwnerID("alice")
            try await store.sessions.remove(app.visit(first) { $0.id })
            #expect(try await store.sessions.ownership(of: owner).owned.count == 2)
            let third = try await app.signedIn("alice")
            try await store.sessions.remove(app.visit(third) { $0.id })
            #expect(try await app.manager.sessions(of: "alice").map(\.id) == [app.visit(second) { $0.id }])
            #expect(try await store.sessions.ownership(of: owner).owned.count == 1)
        }
    }

    @Test("An entry that was lost comes back with the session's next renewal", arguments: UserStoreKind.allCases)
    func lost(kind: UserStoreKind) async throws {
        try await UserStore.with(kind) { store in
            let app = try UsersApp(store.sessions) { $0.timeouts.renewalWindow = .zero }
            let client = try await app.signedIn("alice")
            let id = try await app.visit(client) { $0.id }
            try await store.sessions.withdraw([id], from: OwnerID("alice"))
            #expect(try await app.manager.sessions(of: "alice").isEmpty)
            try await Task.sleep(for: .milliseconds(20))
            try await app.visit(client) { _ = $0["a"] }
            #expect(try await app.manager.sessions(of: "alice").map(\.id) == [id])
        }
    }

    @Test("C5 Every key has a TTL at every step of sign-ins, revocations and sign-outs")
    func timeToLive() async throws {
        try await UserStore.with(.redis) { store in
            let server = try #require(store.server)
            let steps = Mutex(0)
            let looking = InterposedCollection(store.sessions) { _ throws(ModelError) in
                do {
                    for (key, remaining) in try await server.keys() { #expect(remaining > 0, "\(key)") }
                } catch {
                    throw ModelError(.unavailable, "\(error)")
                }
                steps.withLock { $0 += 1 }
            }
            for limits in [Expiry(idle: .seconds(60)), Expiry(idle: .seconds(60), absolute: .seconds(600))] {
                let app = try UsersApp(looking, count: 1) {
                    $0.timeouts.expiry = limits
                    $0.users.maximumSessions = 2
                }
                var clients: [TestClient] = []
                for _ in 0..<4 { clients.append(try await app.signedIn("alice")) }
                try await app.visit(clients[3]) { try await app.manager.revokeOthers(than: $0) }
                _ = try await app.manager.sessions(of: "alice")
                try await app.visit(clients[3]) { try await $0.signOut() }
                _ = try await app.signedIn("alice")
                try await app.manager.revokeAll(of: "alice")
            }
            #expect(steps.withLock { $0 } > 50)
            #expect(try await server.keys().map(\.key) == ["users:sessions:owner:616c696365"])
        }
    }

    @Test("C8 Everything works on a server of a cluster, which refuses commands on keys of several slots")
    func cluster() async throws {
        try await UserStore.with(.redis, arguments: ["--cluster-enabled", "yes"]) { server in
            try await server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
            let end = ContinuousClock.now + .seconds(20)
            while try await server.command("CLUSTER", "INFO").text?.contains("cluster_state:ok") != true {
                guard ContinuousClock.now < end else { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await server.command("MGET", "a", "b").text == nil)
        } _: { store in
            let app = try UsersApp(store.sessions) { $0.users.maximumSessions = 3 }
            var clients: [TestClient] = []
            for _ in 0..<5 { clients.append(try await app.signedIn("alice")) }
            #expect(try await app.manager.sessions(of: "alice").count == 3)
            try await app.visit(clients[4]) { try await app.manager.revokeOthers(than: $0) }
            #expect(try await app.users(at: clients[4]) == ["alice", "alice"])
            try await app.manager.revokeAll(of: "alice")
            #expect(try await app.users(at: clients[4]) == [nil, nil])
        }
    }
}
