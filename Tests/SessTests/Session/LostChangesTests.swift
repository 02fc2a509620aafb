import HTTPTypes
import Modeler
import Testing

@testable import Sess

/// Changes that the end of a request can't store.
@Suite("Changes that are lost")
struct LostChangesTests {
    @Test(
        "C4 What a late request can't store is an event, and by option the error of an explicit save",
        arguments: SessionStoreKind.allCases, [true, false])
    func late(_ kind: SessionStoreKind, isEnded: Bool) async throws {
        try await withSessions(kind) { store in
            for policy in [SessionOptions.LostChangesPolicy.report, .fail] {
                let events = EventLog()
                let app = try StoreApp(store) {
                    $0.onEvent = events.append
                    $0.whenChangesAreLost = policy
                }
                let client = TestClient()
                try await app.visit(client) { $0["a"] = 1 }
                let late = try await app.begin(client)
                late["milk"] = 1
                late.unset("a")
                try await app.visit(client) { session in
                    if isEnded { try await session.destroy() } else { try await session.signIn(userID: "alice") }
                }
                var fields = HTTPFields()
                do throws(SessionError) {
                    try await app.manager.finish(late, headerFields: &fields)
                    #expect(policy == .report)
                } catch {
                    #expect(policy == .fail && error.code == .gone && error.responseStatus == .conflict)
                }
                #expect(fields[values: .setCookie].isEmpty)
                let lost = events.all.compactMap { event -> [String]? in
                    if case .changesLost(_, let fields, _) = event { fields } else { nil }
                }
                #expect(lost == [["milk", "a"]])
            }
        }
    }

    @Test("A request that has changed nothing loses nothing, whatever became of its session")
    func unchanged() async throws {
        let events = EventLog()
        let app = try StoreApp(MemoryCollection()) {
            $0.onEvent = events.append
            $0.whenChangesAreLost = .fail
            $0.rolling = true
        }
        let client = TestClient()
        try await app.visit(client) { $0["a"] = 1 }
        let late = try await app.begin(client)
        _ = late["a"]
        try await app.visit(client) { try await $0.destroy() }
        var fields = HTTPFields()
        try await app.manager.finish(late, headerFields: &fields)
        #expect(fields[values: .setCookie].isEmpty)
        #expect(!events.all.contains { if case .changesLost = $0 { true } else { false } })
    }
}
