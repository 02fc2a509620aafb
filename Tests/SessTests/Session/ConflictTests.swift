import Modeler
import Synchronization
import Testing

@testable import Sess

@Suite("Two requests on one session")
struct ConflictTests {
    /// Two requests that both began before either ended; the first one's changes are stored first.
    private func race(
        _ app: TestApp,
        _ client: TestClient,
        first: (Session) -> Void,
        second: (Session) -> Void
    ) async throws {
        let early = try await app.manager.begin(app.request(cookie: client.cookie))
        let late = try await app.manager.begin(app.request(cookie: client.cookie))
        first(early)
        second(late)
        try await early.save()
        try await late.save()
    }

    @Test("C1 Different fields: both survive, without a conflict")
    func disjoint() async throws {
        let events = EventLog()
        let app = try TestApp { $0.onEvent = events.append }
        let client = TestClient()
        try await app.visit(client) { $0["seen"] = true }
        try await race(app, client, first: { $0["a"] = 1 }, second: { $0["b"] = 2 })
        #expect(try await app.visit(client) { $0.data } == ["seen": true, "a": 1, "b": 2])
        #expect(events.all == [])
    }

    @Test("C3 Removing one field against writing another: both hold")
    func removal() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0.data = ["a": 1, "b": 1] }
        try await race(app, client, first: { $0.unset("a") }, second: { $0["b"] = 2 })
        #expect(try await app.visit(client) { $0.data } == ["b": 2])
        try await race(app, client, first: { $0["c"] = 3 }, second: { $0.unset("b") })
        #expect(try await app.visit(client) { $0.data } == ["c": 3])
    }

    struct Outcome: Sendable {
        var policy: ConflictPolicy
        var result: JSONValue
        var fails = false
    }

    @Test(
        "C2 The same field: the outcome is the policy's, each time, and is reported",
        arguments: [
            Outcome(policy: .lastWriter, result: 2),
            Outcome(policy: .keepFirst, result: 1),
            Outcome(policy: .fail, result: 1, fails: true),
            Outcome(
                policy: .merging(Int.self) { base, mine, theirs in (mine ?? 0) + (theirs ?? 0) - (base ?? 0) },
                result: 3),
        ]
    )
    func sameField(_ outcome: Outcome) async throws {
        for _ in 0..<20 {
            let events = EventLog()
            let app = try TestApp {
                $0.onEvent = events.append
                $0.conflictPolicies = ["x": outcome.policy]
            }
            let client = TestClient()
            let id = try await app.visit(client) { session in
                session["x"] = 0
                return session.id
            }
            do {
                try await race(app, client, first: { $0["x"] = 1 }, second: { $0["x"] = 2 })
                #expect(!outcome.fails)
            } catch let error as SessionError {
                #expect(outcome.fails)
                #expect(error.code == .conflict)
            }
            #expect(try await app.visit(client) { $0["x"] } == outcome.result)
            #expect(events.all == [.conflict(session: id, field: "x", policy: outcome.policy.name)])
        }
    }

    @Test(
        "A field that two requests create is a conflict too; a failing policy keeps the other fields from being stored")
    func creation() async throws {
        let app = try TestApp { $0.conflictPolicies = ["x": .fail] }
        let client = TestClient()
        try await app.visit(client) { $0["seen"] = true }
        let error = await #expect(throws: SessionError.self) {
            try await race(
                app,
                client,
                first: { $0["x"] = 1 },
                second: {
                    $0["x"] = 2
                    $0["y"] = 2
                }
            )
        }
        #expect(error?.code == .conflict)
        #expect(try await app.visit(client) { $0.data } == ["seen": true, "x": 1])
    }

    @Test("Both set the same value: no conflict is left, and nothing is lost")
    func sameValue() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0["x"] = 0 }
        try await race(app, client, first: { $0["x"] = 5 }, second: { $0["x"] = 5 })
        #expect(try await app.visit(client) { $0["x"] } == 5)
    }

    @Test(
        "S12 What is set while a save is under way stands, also what was stored before, and the removal of a new field",
        arguments: SessionStoreKind.allCases
    )
    func setWhileSaving(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let meanwhile = Mutex<(@Sendable () -> Void)?>(nil)
            let slow = InterposedCollection(store) { call in
                guard call == .commit || call == .insert else { return }
                meanwhile.withLock { body in
                    body?()
                    body = nil
                }
            }
            let app = try StoreApp(slow)
            let client = TestClient()
            let fresh = try await app.begin(client)
            fresh["a"] = 1
            fresh["b"] = 1
            meanwhile.withLock { $0 = { fresh.unset("a") } }
            try await fresh.save()
            try await app.finish(fresh, client)
            #expect(try await app.visit(client) { $0.data } == ["b": 1])
            let session = try await app.begin(client)
            session["b"] = 2
            meanwhile.withLock { $0 = { session["b"] = 1 } }
            try await session.save()
            #expect(session["b"] == 1)
            try await app.finish(session, client)
            #expect(try await app.visit(client) { $0.data } == ["b": 1])
            // Also beside an operation on the very field, and an update of it.
            try await app.visit(client) { session in
                meanwhile.withLock { $0 = { session["b"] = 5 } }
                let sum = try await session.increment("b")
                #expect(sum == 2)
                #expect(session["b"] == 5)
            }
            #expect(try await app.visit(client) { $0["b"] } == 5)
            // And where the operation has to be tried again.
            let again = try await app.begin(client)
            try await app.visit(client) { $0["c"] = 1 }
            again["c"] = 2
            meanwhile.withLock { $0 = { again["b"] = 7 } }
            #expect(try await again.increment("b") == 6)
            #expect(again["b"] == 7)
            try await app.finish(again, client)
            #expect(try await app.visit(client) { $0.data } == ["b": 7, "c": 2])
            try await app.visit(client) { session in
                meanwhile.withLock { $0 = { session["b"] = 5 } }
                try await session.update { $0["b"] = 6 }
            }
            #expect(try await app.visit(client) { $0["b"] } == 5)
        }
    }

    enum StrictKey: SessionKey {
        static let name = "strict"
        static let defaultValue = 0
        static var conflictPolicy: ConflictPolicy { .fail }
    }

    enum PlainKey: SessionKey {
        static let name = "plain"
        static let defaultValue = 0
    }

    @Test("C2 A key's policy holds also for what is set for a time; one that has none leaves the word to the manager's")
    func keysPolicies() async throws {
        let app = try TestApp { $0.conflictPolicies = ["plain": .keepFirst, "strict": .lastWriter] }
        let client = TestClient()
        try await app.visit(client) { $0["seen"] = true }
        try await race(app, client, first: { $0[PlainKey.self] = 1 }, second: { $0[PlainKey.self] = 2 })
        #expect(try await app.visit(client) { $0[PlainKey.self] } == 1)
        try await race(app, client, first: { $0[PlainKey.self] = 3 }, second: { $0.unset(PlainKey.self) })
        #expect(try await app.visit(client) { $0[PlainKey.self] } == 3)
        let error = await #expect(throws: SessionError.self) {
            try await race(
                app, client, first: { $0[StrictKey.self] = 1 },
                second: { session in
                    #expect(throws: Never.self) { try session.set(StrictKey.self, to: 2, expiringAfter: .seconds(60)) }
                }
            )
        }
        #expect(error?.code == .conflict)
        #expect(try await app.visit(client) { $0[StrictKey.self] } == 1)
    }

    @Test("C2 An update that has to run again is reported, with the fields that others have written")
    func updateIsReported() async throws {
        let events = EventLog()
        let app = try TestApp { $0.onEvent = events.append }
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["x"] = 1
            return session.id
        }
        let late = try await app.manager.begin(app.request(cookie: client.cookie))
        try await app.visit(client) { $0["x"] = 5 }
        try await late.update { $0["x", default: 0] += 1 }
        #expect(events.all == [.conflict(session: id, field: "x", policy: "update")])
        #expect(try await app.visit(client) { $0["x"] } == 6)
    }

    @Test("C2 Tries are bounded: a merge that others always overtake fails with a conflict, each one reported")
    func bounded() async throws {
        let events = EventLog()
        let rival = Rival()
        let app = try TestApp(over: { rival.interpose($0) }) {
            $0.onEvent = events.append
            $0.conflictPolicies = ["x": .counter]
        }
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["x"] = 0
            return session.id
        }
        let session = try await app.manager.begin(app.request(cookie: client.cookie))
        session["x"] = 1
        rival.begin(on: id)
        let error = await #expect(throws: SessionError.self) { try await session.save() }
        #expect(error?.code == .conflict)
        #expect(events.all.count == Backoff.maximumAttempts)
        rival.end()
        try await session.save()
        #expect(try await app.visit(client) { $0["x"] } == .integer(100 * Backoff.maximumAttempts + 1))
    }

    @Test("C10 Increments from many requests are all counted")
    func increments() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { $0["n"] = 0 }
        await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let session = try await app.manager.begin(app.request(cookie: client.cookie))
                    for _ in 0..<250 { try await session.increment("n") }
                }
            }
        }
        #expect(try await app.visit(client) { $0["n"] } == 2000)
    }

    @Test("An increment begins a session, follows a value set before it, and refuses what is no integer")
    func incrementEdges() async throws {
        let app = try TestApp()
        let client = TestClient()
        #expect(try await app.visit(client) { try await $0.increment("n", by: 3) } == 3)
        let sum = try await app.visit(client) { session in
            session["n"] = 10
            return try await session.increment("n")
        }
        #expect(sum == 11)
        #expect(try await app.visit(client) { $0["n"] } == 11)
        try await app.visit(client) { $0["n"] = "text" }
        let error = await #expect(throws: SessionError.self) {
            try await app.visit(client) { try await $0.increment("n") }
        }
        #expect(error?.code == .invalidField)
    }
}

/// Somebody who always writes first.
private final class Rival: Sendable {
    private let id = Mutex<ModelID?>(nil)

    func begin(on model: ModelID) { id.withLock { $0 = model } }
    func end() { id.withLock { $0 = nil } }

    func interpose(_ base: any ModelCollection) -> any ModelCollection {
        InterposedCollection(base) { [self] call throws(ModelError) in
            guard call == .commit, let id = id.withLock({ $0 }) else { return }
            _ = try await base.commit(Change([.init("x", .increment(by: 100))]), to: id)
        }
    }
}
