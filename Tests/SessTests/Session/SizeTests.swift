import Modeler
import Testing

@testable import Sess

/// Sizes that no way to write a field gets around.
@Suite("Sizes of sessions")
struct SizeTests {
    private static let text = String(repeating: "x", count: 60)

    private typealias Write = @Sendable (Session, _ name: String) async throws -> Void

    private static let writes: [(String, Write)] = [
        (
            "set",
            { session, name in
                session[name] = .string(text); try await session.save()
            }
        ),
        (
            "set for a time",
            {
                try $0.set($1, to: text, expiringAfter: .seconds(60)); try await $0.save()
            }
        ),
        ("append", { try await $0.append(text, to: $1, keepingLast: 9) }),
        ("set if absent", { try await $0.setIfAbsent($1, to: text) }),
        ("update", { session, name in try await session.update { $0[name] = .string(text) } }),
    ]

    @Test("F4 No way to write makes a session larger than maximumBytes", arguments: SessionStoreKind.allCases)
    func bytes(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let app = try StoreApp(store) { $0.maximumBytes = 200 }
            for (name, write) in Self.writes {
                let client = TestClient()
                for index in 0..<4 {
                    let code = await ExclusiveTests.code {
                        try await app.visit(client) { session in try await write(session, "f\(index)") }
                    }
                    #expect(code == (index < 3 ? nil : .tooLarge), "\(name) \(index)")
                }
                #expect(try await app.visit(client) { $0.names.count } == 3, "\(name)")
            }
            let client = TestClient()
            try await app.visit(client) { $0["a", as: String.self] = String(repeating: "x", count: 190) }
            var code: SessionError.Code?
            for index in 0..<20 where code == nil {
                code = await ExclusiveTests.code {
                    _ = try await app.visit(client) { try await $0.increment("v\(index)") }
                }
            }
            #expect(code == .tooLarge)
            // What is there may still be counted, within the limit, and what is removed makes room.
            #expect(try await app.visit(client) { try await $0.increment("v0") } == 2)
            try await app.visit(client) { $0["a"] = 1 }
            #expect(try await app.visit(client) { try await $0.increment("much", by: 1_000_000) } == 1_000_000)
        }
    }

    @Test("F4 No way to write makes a session of more than maximumFields", arguments: SessionStoreKind.allCases)
    func fields(_ kind: SessionStoreKind) async throws {
        try await withSessions(kind) { store in
            let app = try StoreApp(store) { $0.maximumFields = 3 }
            let increment: Write = { try await $0.increment($1) }
            for (name, write) in Self.writes + [("increment", increment)] {
                let client = TestClient()
                for index in 0..<4 {
                    let code = await ExclusiveTests.code {
                        try await app.visit(client) { session in try await write(session, "f\(index)") }
                    }
                    #expect(code == (index < 3 ? nil : .tooLarge), "\(name) \(index)")
                }
                #expect(try await app.visit(client) { $0.names.count } == 3, "\(name)")
                // One for another, all anew, and then one more again.
                try await app.visit(client) { session in
                    session.unset("f0")
                    session["new"] = 1
                }
                try await app.visit(client) { $0.data = ["a": 1, "b": 2, "c": 3] }
                try await app.visit(client) { $0.unset("a") }
                try await app.visit(client) { try await write($0, "f1") }
            }
        }
    }

    @Test(
        "F4 A session that is larger than it may be, by a race or an older setting, can be made smaller and still be used"
    )
    func oversized() async throws {
        let store = MemoryCollection(name: "sessions")
        let client = TestClient()
        try await StoreApp(store).visit(client) { session in
            for index in 0..<8 { session["f\(index)"] = .string(Self.text) }
        }
        let app = try StoreApp(store) {
            $0.maximumBytes = 300
            $0.maximumFields = 4
        }
        try await app.visit(client) { $0.unset("f0") }
        try await app.visit(client) { session in
            session.unset("f1")
            session["f2"] = "short"
        }
        #expect(try await app.visit(client) { try await $0.take("f2", as: String.self) } == "short")
        try await app.visit(client) { session in try await session.update { $0.unset("f3") } }
        try await app.visit(client) { try await $0.rotate() }
        for write in Self.writes.map(\.1) {
            let code = await ExclusiveTests.code {
                try await app.visit(client) { session in try await write(session, "new") }
            }
            #expect(code == .tooLarge)
        }
        #expect(try await app.visit(client) { $0.names.sorted() } == ["f4", "f5", "f6", "f7"])
    }
}
