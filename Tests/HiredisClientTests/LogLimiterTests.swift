import Logging
import NIOCore
import RESP
import RedisTestServer
import Synchronization
import Testing

@testable import HiredisClient

@Suite("How often is logged what happens again and again")
struct LogLimiterTests {
    @Test("One line a second of each kind; the next one tells how many were left out")
    func bounded() {
        let limiter = LogLimiter()
        let start = ContinuousClock.now
        #expect(limiter.admit("a", now: start) == 0)
        #expect(limiter.admit("b", now: start) == 0, "another reason is logged at once")
        for _ in 0..<3 { #expect(limiter.admit("a", now: start + .milliseconds(999)) == nil) }
        #expect(limiter.admit("a", now: start + .seconds(1)) == 3)
        #expect(limiter.admit("a", now: start + .seconds(2)) == 0)
    }

    @Test("Kinds are bounded, and forgotten after a second")
    func kinds() {
        let limiter = LogLimiter()
        let start = ContinuousClock.now
        let admitted = (0..<1_000).count { limiter.admit("\($0)", now: start) != nil }
        #expect(admitted == 64)
        #expect(limiter.admit("new", now: start + .seconds(1)) == 0)
    }

    @Test("A connection that is lost again and again logs a line a second", .timeLimit(.minutes(1)))
    func flapping() async throws {
        let lines = Lines()
        try await withBytePeer { connection in
            try await connection.acceptHandshake()
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") {
                $0.connections = 8
                $0.logger = Logger(label: "test") { _ in lines.handler }
            } _: { client in
                let links = client.router.nodes.flatMap(\.links)
                for link in links { link.connect() }
                // Each of them is lost as soon as it is signed in.
                let end = ContinuousClock.now + .seconds(20)
                while links.contains(where: { $0.observer.lastError == nil }), ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        let lost = lines.all.filter { $0.text.contains("connection to Redis lost") }
        #expect(!lost.isEmpty)
        for (line, next) in zip(lost, lost.dropFirst()) { #expect(next.time - line.time > .milliseconds(900)) }
    }

    @Test("T16 A user who may not subscribe: one line says what to grant", .timeLimit(.minutes(1)))
    func refusedSubscription() async throws {
        let lines = Lines()
        try await withRedisServer { server in
            try await server.command("ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "resetchannels")
            try await withClient(url: "redis://app:pw@127.0.0.1:\(server.port)") {
                $0.logger = Logger(label: "test") { _ in lines.handler }
            } _: { client in
                let subscription = client.subscribe(to: "app:sessions:1") { _ in }
                let end = ContinuousClock.now + .seconds(20)
                while !lines.all.contains(where: { $0.text.contains("&PREFIX*") }), ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(5))
                }
                subscription.cancel()
            }
        }
        let warnings = lines.all.filter { $0.text.contains("refuses subscriptions") }
        #expect(warnings.count == 1)
        #expect(warnings.first?.level == .warning)
        #expect(warnings.allSatisfy { !$0.text.contains("app:sessions:1") })
    }
}

/// Keeps what is logged at `info` and above.
private final class Lines: Sendable {
    struct Line: Sendable {
        var level: Logger.Level
        var text: String
        var time: ContinuousClock.Instant
    }

    private let lines = Mutex<[Line]>([])

    var all: [Line] { lines.withLock { $0 } }

    var handler: any LogHandler { Handler(lines: self) }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let text = "\(event.message) \(metadata) \(event.metadata ?? [:])"
            lines.lines.withLock { $0.append(Line(level: event.level, text: text, time: .now)) }
        }
    }
}
