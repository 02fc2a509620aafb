import Logging
import Metrics
import MetricsTestKit
import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Stored records that no sound program wrote.
@Suite("Records that can't be read")
struct UnreadableRecordTests {
    private typealias Damage = @Sendable (ModelID, TestStore) async throws -> Void

    /// Damage that every store takes, and damage below the store's own interface.
    private static func damages(_ kind: StoreKind) -> [Damage] {
        func set(_ text: String) -> FieldOperation { .set(EncodedJSON(unchecked: Array(text.utf8)[...])) }
        let operations = [
            ("__token", FieldOperation.remove), ("__token", set("\"x\"")), ("__token", set("{\"half")),
            ("__token", set("7")), ("a", set("{\"half")),
        ]
        let damages: [Damage] = operations.map { name, operation in
            { id, store in _ = try await store.sessions.commit(Change([.init(name, operation)]), to: id) }
        }
        guard kind == .redis else { return damages }
        let commands: [@Sendable (String) -> [[String]]] = [
            { [["DEL", $0], ["SET", $0, "text", "EX", "100"]] }, { [["HSET", $0, "@", "garbage"]] },
            { [["HDEL", $0, "@"]] }, { [["HDEL", $0, "@id"]] },
            { [["HSET", $0, "__token", "no revision"]] }, { [["HSET", $0, "a", ""]] },
            { [["HSET", $0, "a", "nonsense"]] }, { [["DEL", $0], ["RPUSH", $0, "x"], ["EXPIRE", $0, "100"]] },
        ]
        return damages
            + commands.map { commands in
                { id, store in _ = try await store.server?.commands(commands("\(StoreKind.prefix)sessions:\(id)")) }
            }
    }

    @Test(
        "E3 A record that can't be read gives a fresh session, a metric, a log line and an event, never a 500",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func unreadable(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let (events, lines, metrics) = (EventLog(), LogRecorder(), TestMetrics())
        try await withMetricsFactory(metrics) {
            try await withSessions(kind, adapter) {
                $0.onEvent = events.append
                $0.logger = Logger(label: "recorded", factory: { _ in lines.handler() })
            } routes: { app in
                app.post("/write") { request in
                    request.session["a"] = 1
                    return "\(request.session.id)"
                }
                app.get("/read") { request in "\(request.session["a"].int ?? 0)" }
            } _: { served in
                for (index, damage) in Self.damages(kind).enumerated() {
                    let browser = Browser(port: served.port)
                    let id = try ModelID(try await browser.post("/write").text)
                    #expect(try await browser.get("/read").text == "1")
                    try await damage(id, served.store)
                    #expect(events.take().isEmpty)
                    let unreadable = try metrics.expectCounter("sess_unreadable")
                    let counted = unreadable.totalValue
                    let logged = lines.lines.count
                    let read = try await browser.get("/read")
                    #expect(read.status == 200, "\(index)")
                    #expect(read.text == "0", "\(index)")
                    #expect(read.setCookies.isEmpty, "\(index)")
                    let isField = events.all == [.unreadableField(session: id, field: "a")]
                    #expect(isField || events.all == [.unreadableSession(session: id)], "\(index)")
                    #expect(unreadable.totalValue == counted + 1, "\(index)")
                    #expect(lines.lines.dropFirst(logged).contains { $0.contains("\(id)") }, "\(index)")
                    let written = try await browser.post("/write")
                    #expect(written.status == 200, "\(index)")
                    #expect((written.text == "\(id)") == isField, "\(index)")
                    #expect(written.setCookies.count == (isField ? 0 : 1), "\(index)")
                    #expect(try await browser.get("/read").text == "1", "\(index)")
                    _ = events.take()
                    await browser.client.closeIdle()
                }
            }
        }
    }
}
