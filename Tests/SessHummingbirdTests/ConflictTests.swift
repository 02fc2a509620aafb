import Modeler
import Sess
import SessTestSupport
import SessTesting
import Synchronization
import Testing

/// Many writers of one session in one process, without servers between them.
@Suite struct ConflictTests {
    @Test(
        "C1 C10 16 writers in one process on fields of their own: no conflict is reported and none is lost",
        arguments: StoreKind.allCases
    )
    func ownFields(_ kind: StoreKind) async throws {
        try await withStore(kind) { store in
            let events = Mutex(0)
            var options = SessionOptions()
            options.onEvent = { event in
                // Of its beginning the session tells too.
                if case .created = event { return }
                events.withLock { $0 += 1 }
            }
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
