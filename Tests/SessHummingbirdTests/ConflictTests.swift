import Modeler
import Sess
import SessTestSupport
import SessTesting
import Synchronization
import Testing

/// Requests on one session that overlap, step by step.
@Suite struct ConflictTests {
    @Test("C2 The same field: the declared policy decides, each time, and is reported", arguments: StoreKind.allCases)
    func policies(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let events = Mutex<[SessionEvent]>([])
            var options = SessionOptions()
            options.conflictPolicies = [
                "keep": .keepFirst, "fail": .fail,
                "sum": .merging(Int.self) { base, mine, theirs in (mine ?? 0) + (theirs ?? 0) - (base ?? 0) },
            ]
            options.onEvent = { event in events.withLock { $0.append(event) } }
            let client = DirectClient(try SessionManager(sessions: store.sessions, options: options))
            for name in ["last", "keep", "fail", "sum"] {
                for _ in 0..<5 {
                    events.withLock { $0 = [] }
                    try await client.request { $0[name] = 10 }
                    let (first, second) = (try await client.begin(), try await client.begin())
                    first[name] = 11
                    second[name] = 12
                    second["own \(name)"] = 1
                    try await client.finish(first)
                    var failure: SessionError.Code?
                    do {
                        try await client.finish(second)
                    } catch let error as SessionError {
                        failure = error.code
                    }
                    #expect(failure == (name == "fail" ? .conflict : nil))
                    let stored = try await client.request { ($0[name].int, $0.contains("own \(name)")) }
                    let expected: (Int, Bool) =
                        switch name {
                        case "keep": (11, true)
                        case "fail": (11, false)
                        case "sum": (13, true)
                        default: (12, true)
                        }
                    #expect(stored == expected, "\(name)")
                    let reported = events.withLock { $0 }
                    #expect(reported.count == 1, "\(name): \(reported)")
                    guard case .conflict(_, name, _) = reported.first else {
                        Issue.record("\(name): \(reported)")
                        continue
                    }
                }
            }
        }
    }

    @Test("C3 Removing field A against writing field B: A stays removed, B is kept", arguments: StoreKind.allCases)
    func removal(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            for order in [true, false] {
                try await client.request { session in
                    session["a"] = 1
                    session["b"] = 1
                }
                let (remover, writer) = (try await client.begin(), try await client.begin())
                remover.unset("a")
                writer["b"] = 2
                for session in order ? [remover, writer] : [writer, remover] { try await client.finish(session) }
                let (hasA, b) = try await client.request { ($0.contains("a"), $0["b"]) }
                #expect(!hasA)
                #expect(b == 2)
            }
        }
    }

    @Test(
        "C4 Destroy against every kind of write in flight, in both orders: nothing lives on, no cookie is sent",
        arguments: StoreKind.allCases
    )
    func destroy(_ kind: StoreKind) async throws {
        typealias Step = @Sendable (Session) async throws -> Void
        let writes: [(name: String, step: Step)] = [
            ("save", { $0["b"] = 1 }),
            (
                "explicit save",
                {
                    $0["b"] = 1; try await $0.save()
                }
            ), ("touch", { try await $0.touch() }),
            ("rotate", { try await $0.rotate() }), ("grace", { try await $0.rotate(grace: .seconds(60)) }),
            ("increment", { try await $0.increment("n") }),
            ("update", { _ = try await $0.update { $0["n", default: 0] += 1 } }),
            ("limits", { try $0.setLimits(Expiry(idle: .seconds(9))) }), ("replace", { $0.data = ["z": 1] }),
            (
                "save twice",
                {
                    try? await $0.save(); $0["b"] = 2; try? await $0.save(); $0["c"] = 3
                }
            ),
        ]
        try await withStore(kind) { store in
            let manager = SessionManager(sessions: store.sessions)
            for (name, step) in writes {
                let client = DirectClient(manager)
                let id = try await client.request { session in
                    session["a"] = 1
                    return session.id
                }
                let late = client.copy()
                let inFlight = try await late.begin()
                try await client.request { try await $0.destroy() }
                do {
                    try await step(inFlight)
                } catch let error as SessionError {
                    #expect(error.code == .gone, "\(name)")
                }
                let cookies = try await late.finish(inFlight)
                #expect(late.cookies["sess"] == nil, "\(name): \(cookies.count)")
                #expect(try await store.sessions.fetch(id) == nil, "\(name)")
                if let server = store.server { #expect(try await server.keys().isEmpty, "\(name)") }
            }
        }
    }

    @Test(
        "C4 A write after a rotation by another request is not saved, and the new cookie stands",
        arguments: StoreKind.allCases
    )
    func rotated(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            try await client.request { $0["a"] = 1 }
            let stale = client.copy()
            let inFlight = try await stale.begin()
            inFlight["evil"] = 1
            try await client.request { try await $0.rotate() }
            #expect(try await stale.finish(inFlight).isEmpty)
            #expect(try await client.request { $0.contains("evil") } == false)
            #expect(try await client.request { $0["a"] } == 1)
        }
    }

    @Test("C6 Within the grace the old token reads and writes; after it, it is dead", arguments: StoreKind.allCases)
    func grace(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            let id = try await client.request { session in
                session["a"] = 1
                return session.id
            }
            let old = client.copy()
            let inFlight = try await old.begin()
            inFlight["late"] = 1
            try await client.request { try await $0.rotate(grace: .milliseconds(400)) }
            try await old.finish(inFlight)
            #expect(!inFlight.hasEnded)
            #expect(try await client.request { ($0.id, $0["late"]) } == (id, 1))
            try await eventually { try await old.copy().begin().isNew }
            #expect(try await client.begin().id == id)
        }
    }

    @Test(
        "C1 C10 16 writers in one process on fields of their own: no conflict is reported and none is lost",
        arguments: StoreKind.allCases
    )
    func ownFields(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let events = Mutex(0)
            var options = SessionOptions()
            options.onEvent = { _ in events.withLock { $0 += 1 } }
            let client = DirectClient(try SessionManager(sessions: store.sessions, options: options))
            try await client.request { $0["a"] = 1 }
            _ = try await concurrently(16, width: 16) { writer in
                for step in 1...500 {
                    try await client.request { $0["f\(writer)"] = JSONValue(integerLiteral: step) }
                }
            }
            let data = try await client.request { $0.data }
            for writer in 0..<16 { #expect(data["f\(writer)"] == 500) }
            #expect(try await client.begin().revision == 16 * 500 + 1)
            #expect(events.withLock { $0 } == 0)
        }
    }

    @Test("C10 8 writers in one process increment, or update, one counter: none is lost", arguments: StoreKind.allCases)
    func counter(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let client = DirectClient(SessionManager(sessions: store.sessions))
            try await client.request { $0["n"] = 0 }
            _ = try await concurrently(8, width: 8) { _ in
                for _ in 0..<1_000 { _ = try await client.request { try await $0.increment("n") } }
            }
            #expect(try await client.request { $0["n"] } == 8_000)
            _ = try await concurrently(4, width: 4) { _ in
                for _ in 0..<25 {
                    _ = try await client.request { try await $0.update { $0["n", default: 0] -= 1 } }
                }
            }
            #expect(try await client.request { $0["n"] } == 7_900)
        }
    }
}
