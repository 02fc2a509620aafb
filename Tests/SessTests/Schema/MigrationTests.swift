import HTTPTypes
import Modeler
import Testing

@testable import Sess

/// Sessions that an older, or a newer, version of the app has written.
@Suite("Versions of stored sessions")
struct MigrationTests {
    /// `a` in version 0; `b` as a text in version 1; `c` as an array of texts in version 2.
    private func schema(_ version: Int, from first: Int = 0) throws -> SessionSchema {
        try SessionSchema(version: version) { steps in
            if first <= 0, version > 0 {
                steps.migrate(from: 0) { session in
                    if let old = session.pop("a", as: Int.self) { session["b"] = .string("\(old)") }
                }
            }
            if first <= 1, version > 1 {
                steps.migrate(from: 1) { session in
                    if let old = session.pop("b", as: String.self) { session["c"] = [.string(old)] }
                }
            }
        }
    }

    private func app(_ store: any ModelCollection, _ schema: SessionSchema, _ events: EventLog = EventLog()) throws
        -> StoreApp
    {
        try StoreApp(store) {
            $0.schema = schema
            $0.onEvent = events.append
        }
    }

    @Test(
        "E3 Each step is run once for a session, in one write, by a request that only reads too",
        arguments: SessionStoreKind.allCases
    )
    func steps(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let client = TestClient()
            let old = try app(store, .none)
            try await old.visit(client) { session in
                session["a"] = 7
                session["other"] = true
            }
            let new = try app(store, try schema(2))
            for _ in 0..<3 {
                try await new.visit(client) { session in
                    #expect(session.data == ["other": true, "c": ["7"]])
                    #expect(session.revision == 2)
                }
            }
            try await new.visit(client) { $0["c"] = ["8"] }
            #expect(try await new.visit(client) { $0["c"] } == ["8"])
            #expect(client.last[values: .setCookie].isEmpty)
        }
    }

    @Test("E3 A session begins with the app's version: no step is run on it", arguments: SessionStoreKind.allCases)
    func fresh(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let app = try app(store, try schema(1))
            let client = TestClient()
            try await app.visit(client) { $0["a"] = 1 }
            #expect(try await app.visit(client) { $0.data } == ["a": 1])
            #expect(try await app.visit(client) { $0.revision } == 1)
        }
    }

    @Test(
        "E3 A session of a newer version, one without a way, and one whose step throws: detached, with an event",
        arguments: SessionStoreKind.allCases
    )
    func noWay(_ kind: SessionStoreKind) async throws {
        struct Refusal: Error {}
        try await withSessions(kind) { store in
            let throwing = try SessionSchema(version: 2) { $0.migrate(from: 1) { _ in throw Refusal() } }
            let unstorable = try SessionSchema(version: 2) {
                $0.migrate(from: 1) { $0["nan", default: 0.0] = .nan }
            }
            for (written, read) in [
                (try schema(2), try schema(1)), (.none, try schema(2, from: 1)), (try schema(1), throwing),
                (try schema(1), unstorable),
            ] {
                let client = TestClient()
                let id = try await app(store, written).visit(client) { session in
                    session["x"] = 1
                    return session.id
                }
                let events = EventLog()
                try await app(store, read, events).visit(TestClient(cookie: client.cookie)) { session in
                    #expect(session.isNew && session.isDetached)
                    #expect(session.id != id)
                    session["y"] = 1
                }
                #expect(events.all.first == .unreadableSession(session: id))
                guard events.all.count == 2, case .changesLost(_, ["y"], _) = events.all[1] else {
                    Issue.record("the change was lost in silence")
                    return
                }
                #expect(try await app(store, written).visit(client) { $0["x"] } == 1, "the record stays as it was")
            }
        }
    }

    @Test(
        "E3 Steps don't see a field whose own time is over; one that is set anew or renamed keeps its deadline",
        arguments: SessionStoreKind.allCases
    )
    func deadlines(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let client = TestClient()
            let id = try await app(store, .none).visit(client) { session in
                try session.set("dead", to: "old", expiringAfter: .milliseconds(20))
                try session.set("swept", to: "old", expiringAfter: .milliseconds(20))
                for name in ["confirmed", "otp", "same", "copied"] {
                    try session.set(name, to: true, expiringAfter: .seconds(60))
                }
                session["kept"] = true
                return session.id
            }
            try await Task.sleep(for: .milliseconds(40))
            let schema = try SessionSchema(version: 1) { steps in
                steps.migrate(from: 0) { session in
                    session["revived"] = session.pop("dead", as: JSONValue.self) ?? "none"
                    session["confirmed"] = ["at": 1]
                    session.rename("otp", to: "code")
                    session.rename("nothing", to: "kept")
                    session["same"] = true
                    session["copied"] = session.pop("copied", as: JSONValue.self) ?? "none"
                }
            }
            try await app(store, schema).visit(client) { session in
                #expect(
                    session.data == [
                        "kept": true, "revived": "none", "confirmed": ["at": 1], "code": true, "same": true,
                        "copied": true,
                    ])
                for name in ["confirmed", "code", "same", "copied"] {
                    let left = try #require(session.remaining(of: name), "\(name)")
                    #expect(left <= .seconds(60) && left > .seconds(30))
                }
                #expect(session.remaining(of: "revived") == nil && session.remaining(of: "kept") == nil)
            }
            let record = try #require(try await store.fetch(id))
            let deadlines = record.fields.map(\.name).filter { $0.hasPrefix("__until.") }.sorted()
            #expect(deadlines == ["__until.code", "__until.confirmed", "__until.copied", "__until.same"])
            #expect(record.fields["swept"] == nil)
        }
    }

    @Test("E3 Many requests at once migrate a session once, and lose nothing", arguments: SessionStoreKind.allCases)
    func race(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let new = try app(store, try schema(2))
            for _ in 0..<10 {
                let client = TestClient()
                try await app(store, .none).visit(client) { $0["a"] = 7 }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<8 {
                        group.addTask {
                            try await new.visit(TestClient(cookie: client.cookie)) { session in
                                #expect(session["c"] == ["7"])
                                session["f\(index)"] = true
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await new.visit(client) { session in
                    #expect(session.names.count == 9)
                    #expect(session["c"] == ["7"])
                    #expect(session.revision == 10)
                }
            }
        }
    }

    @Test(
        "E3 What an older server has under way when a newer one migrates is refused, not mixed in",
        arguments: SessionStoreKind.allCases
    )
    func rollingDeploy(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let client = TestClient()
            let old = try app(store, try schema(1))
            try await old.visit(client) { $0["b"] = "x" }
            let writing = try await old.begin(client)
            let adding = try await old.begin(client)
            let updating = try await old.begin(client)
            let updatingMore = try await old.begin(client)
            let new = try app(store, try schema(2))
            try await new.visit(client) { _ = $0["c"] }
            writing["b"] = "y"
            let error = await #expect(throws: SessionError.self) { try await old.finish(writing, TestClient()) }
            #expect(error?.code == .conflict)
            await #expect(throws: SessionError.self) { try await updating.update { $0["b"] = "z" } }
            // Nor a field that no step has touched: it is of the older shape all the same.
            adding["added"] = 1
            await #expect(throws: SessionError.self) { try await old.finish(adding, TestClient()) }
            await #expect(throws: SessionError.self) { try await updatingMore.update { $0["added"] = 1 } }
            #expect(try await new.visit(client) { $0.data } == ["c": ["x"]])
        }
    }

    @Test("A schema that makes no sense is refused when it is made")
    func configuration() {
        typealias Steps = SessionSchema.Steps
        let none: SessionSchema.Step = { _ in }
        let wrong: [(Int, (inout Steps) -> Void)] = [
            (0, { _ in }), (-1, { _ in }), (2, { $0.migrate(from: 2, none) }), (2, { $0.migrate(from: -1, none) }),
            (3, { $0.migrate(from: 0, none) }),
            (
                3,
                {
                    $0.migrate(from: 0, none)
                    $0.migrate(from: 2, none)
                }
            ),
            (
                1,
                {
                    $0.migrate(from: 0, none)
                    $0.migrate(from: 0, none)
                }
            ),
        ]
        for (index, (version, steps)) in wrong.enumerated() {
            let error = #expect(throws: SessionError.self, "\(index)") { try SessionSchema(version: version, steps) }
            #expect(error?.code == .invalidConfiguration)
        }
        #expect(throws: Never.self) { try SessionSchema(version: 7) }
        #expect(throws: Never.self) { try SessionSchema(version: 7) { $0.migrate(from: 6, none) } }
    }
}
