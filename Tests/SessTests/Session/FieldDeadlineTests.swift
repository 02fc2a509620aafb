import Modeler
import Testing

@testable import Sess

@Suite("Fields with a deadline of their own")
struct FieldDeadlineTests {
    @Test("A field for a time is there until its time is over by the store's clock, and then it leaves the store")
    func expires() async throws {
        let app = try TestApp()
        let client = TestClient()
        let id = try await app.visit(client) { session in
            session["kept"] = 1
            try session.set("otp", to: "123456", expiringAfter: .seconds(300))
            #expect(session["otp"] == "123456")
            return session.id
        }
        app.clock.advance(by: .seconds(290))
        try await app.visit(client) { session in
            #expect(session["otp"] == "123456")
            let left = try #require(session.remaining(of: "otp"))
            #expect(left <= .seconds(10) && left > .seconds(5))
            #expect(session.remaining(of: "kept") == nil)
        }
        app.clock.advance(by: .seconds(10))
        try await app.visit(client) { session in
            #expect(session["otp"] == .null)
            #expect(!session.contains("otp"))
            #expect(session.names == ["kept"])
            #expect(session.data == ["kept": 1])
            try await session.update { draft in
                #expect(!draft.contains("otp"))
                draft["kept"] = 2
            }
        }
        try await app.visit(client) { $0["kept"] = 3 }
        let stored = try #require(try await app.sessions.fetch(id))
        #expect(stored.fields.map(\.name).sorted() == ["__token", "kept"])
    }

    @Test("A session may begin with a field for a time only; pop takes it once")
    func alone() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { try $0.set("state", to: "xyz", expiringAfter: .seconds(60)) }
        #expect(client.cookie != nil)
        #expect(try await app.visit(client) { $0.pop("state", as: String.self) } == "xyz")
        #expect(try await app.visit(client) { $0.pop("state", as: String.self) } == nil)
    }

    @Test("Setting the field in another way ends its deadline, also by another request, also to the same value")
    func ended() async throws {
        let app = try TestApp()
        for value in ["same", "other"] {
            let client = TestClient()
            try await app.visit(client) { try $0.set("a", to: "same", expiringAfter: .seconds(60)) }
            try await app.visit(client) { $0["a", as: String.self] = value }
            app.clock.advance(by: .seconds(61))
            #expect(try await app.visit(client) { $0["a", as: String.self] } == value)
        }
        let client = TestClient()
        try await app.visit(client) { $0["seen"] = true }
        let timed = try await app.manager.begin(app.request(cookie: client.cookie))
        let plain = try await app.manager.begin(app.request(cookie: client.cookie))
        try timed.set("a", to: 1, expiringAfter: .seconds(60))
        plain["a"] = 2
        try await timed.save()
        try await plain.save()
        app.clock.advance(by: .seconds(61))
        #expect(try await app.visit(client) { $0["a"] } == 2)
    }

    @Test("An increment and an append keep the field's deadline, so that a rate limiter's window ends")
    func keptByOperations() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            try session.set("n", to: 1, expiringAfter: .seconds(60))
            try session.set("log", to: ["a"], expiringAfter: .seconds(60))
        }
        app.clock.advance(by: .seconds(30))
        #expect(try await app.visit(client) { try await $0.increment("n") } == 2)
        try await app.visit(client) { try await $0.append("b", to: "log", keepingLast: 9) }
        #expect(try await app.visit(client) { $0["log"] } == ["a", "b"])
        app.clock.advance(by: .seconds(31))
        #expect(try await app.visit(client) { $0.contains("n") || $0.contains("log") } == false)
        #expect(try await app.visit(client) { try await $0.increment("n") } == 1)
        app.clock.advance(by: .seconds(61))
        #expect(try await app.visit(client) { $0["n"] } == 1)
    }

    @Test(
        "Operations on a field whose own time is over begin anew, and of those of many requests at once none is lost",
        arguments: SessionStoreKind.allCases
    )
    func operationsBeginAnew(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let app = try StoreApp(store)
            let client = TestClient()
            let id = try await app.visit(client) { session in
                session["kept"] = true
                try session.set("n", to: 100, expiringAfter: .milliseconds(20))
                try session.set("list", to: ["old"], expiringAfter: .milliseconds(20))
                try session.set("csrf", to: "old", expiringAfter: .milliseconds(20))
                return session.id
            }
            try await Task.sleep(for: .milliseconds(40))
            // All have read the field that is over before the first of them writes it.
            var sessions: [Session] = []
            for _ in 0..<8 { sessions.append(try await app.begin(client)) }
            try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for (index, session) in sessions.enumerated() {
                    group.addTask {
                        session["own\(index)"] = true
                        let sum = try await session.increment("n", by: 2)
                        try await session.append("new\(index)", to: "list", keepingLast: 20)
                        return (sum, try await session.setIfAbsent("csrf", to: "new\(index)"))
                    }
                }
                let results = try await group.reduce(into: []) { $0.append($1) }
                #expect(results.map(\.0).sorted() == (1...8).map { 2 * $0 })
                #expect(Set(results.map(\.1)).count == 1 && results[0].1.hasPrefix("new"))
            }
            try await app.visit(client) { session in
                #expect(session["n"] == 16)
                #expect(Set(session["list", as: [String].self] ?? []) == Set((0..<8).map { "new\($0)" }))
                #expect(session["list"].array?.count == 8)
                for index in 0..<8 { #expect(session["own\(index)"] == true) }
                #expect(session.remaining(of: "n") == nil)
            }
            let record = try #require(try await store.fetch(id))
            #expect(!record.fields.contains { $0.name.hasPrefix("__until.") })
        }
    }

    @Test(
        "An increment of a field that is over counts, whoever else begins it anew", arguments: SessionStoreKind.allCases
    )
    func incrementsBeginAnew(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let app = try StoreApp(store)
            let client = TestClient()
            try await app.visit(client) { session in
                session["kept"] = true
                try session.set("n", to: 100, expiringAfter: .milliseconds(20))
            }
            try await Task.sleep(for: .milliseconds(40))
            // Nothing else that is over stands between them.
            let (early, late) = (try await app.begin(client), try await app.begin(client))
            #expect(try await early.increment("n", by: 2) == 2)
            #expect(try await late.increment("n", by: 3) == 5)
            #expect(try await app.visit(client) { $0["n"] } == 5)
        }
    }

    @Test("C2 What is over is absent to merges and policies too, also when another request has swept it away")
    func conflictsOverExpired() async throws {
        let app = try TestApp { $0.conflictPolicies = ["n": .counter, "strict": .fail] }
        let client = TestClient()
        try await app.visit(client) { session in
            session["kept"] = true
            try session.set("n", to: 100, expiringAfter: .seconds(60))
            try session.set("strict", to: "old", expiringAfter: .seconds(60))
        }
        app.clock.advance(by: .seconds(61))
        let early = try await app.manager.begin(app.request(cookie: client.cookie))
        let late = try await app.manager.begin(app.request(cookie: client.cookie))
        early["n", default: 0] += 1
        late["n", default: 0] += 2
        late["strict"] = "new"
        try await early.save()
        try await late.save()
        #expect(try await app.visit(client) { $0.data } == ["kept": true, "n": 3, "strict": "new"])
    }

    @Test("What an update sets lives as long as the session, and leaves no deadline behind")
    func update() async throws {
        let app = try TestApp()
        let client = TestClient()
        let id = try await app.visit(client) { session in
            try session.set("a", to: 1, expiringAfter: .seconds(60))
            try session.set("b", to: 1, expiringAfter: .seconds(60))
            return session.id
        }
        try await app.visit(client) { session in
            try await session.update { draft in
                draft["a"] = 1
                draft.rename("b", to: "c")
            }
            #expect(session.remaining(of: "a") == nil)
            #expect(session.remaining(of: "c") != nil)
        }
        app.clock.advance(by: .seconds(61))
        try await app.visit(client) { session in
            #expect(session.data == ["a": 1])
            session["d"] = 1
        }
        let record = try #require(try await app.sessions.fetch(id))
        #expect(record.fields.map(\.name).sorted() == ["__token", "a", "d"])
    }

    @Test("What another request has set anew meanwhile is not swept away")
    func sweptWithCare() async throws {
        let app = try TestApp()
        let client = TestClient()
        try await app.visit(client) { session in
            session["b"] = 1
            try session.set("a", to: 1, expiringAfter: .seconds(60))
        }
        app.clock.advance(by: .seconds(61))
        let late = try await app.manager.begin(app.request(cookie: client.cookie))
        try await app.visit(client) { $0["a"] = 2 }
        late["b"] = 2
        try await late.save()
        #expect(try await app.visit(client) { $0.data } == ["a": 2, "b": 2])
    }

    @Test("A time that is none, and a reserved name, are refused")
    func refused() async throws {
        let app = try TestApp()
        let session = try await app.manager.begin(app.request())
        #expect(throws: SessionError.self) { try session.set("a", to: 1, expiringAfter: .zero) }
        #expect(throws: SessionError.self) { try session.set("__token", to: 1, expiringAfter: .seconds(1)) }
        #expect(throws: SessionError.self) { try session.set("a", to: Double.nan, expiringAfter: .seconds(1)) }
        #expect(!session.isModified)
    }
}
