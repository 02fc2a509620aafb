import NIOCore
import NIOHTTP1
import Testing

@testable import Middler

/// What a connection keeps and how long it waits, without a connection.
@Suite struct IntakeTests {
    private static let limits = Intake.Limits(
        idle: .seconds(60), head: .seconds(10), body: .seconds(30), bodyRate: 1000, window: 5000)
    private static let head = Intake.Part.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/"))

    private func bytes(_ text: String) -> ByteBufferView { ByteBuffer(string: text).readableBytesView }

    @Test("What comes behind an end begins the next head, what comes within a request does not")
    func headBegins() throws {
        var intake = Intake(Self.limits)
        intake.receiveBytes(bytes("GET / HT"))
        #expect(intake.hasBegunHead)
        intake.receive(Self.head)
        intake.receiveBytes(bytes("TP/1.1\r\nContent-Length: 5\r\n\r\n"))
        #expect(!intake.hasBegunHead)
        intake.receive(.body(ByteBuffer(string: "abcde")))
        intake.receive(.end)
        intake.receiveBytes(bytes("\r\n"))
        #expect(!intake.hasBegunHead)
        intake.receiveBytes(bytes("\r\n\nG"))
        #expect(intake.hasBegunHead)
        intake.receiveBytes(bytes("\r"))
        #expect(intake.hasBegunHead)
        intake.receive(Self.head)
        intake.receive(.end)
        #expect(!intake.hasBegunHead)
    }

    private func seconds(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    @Test("A quiet connection waits for the idle time, one whose request has begun for the head's")
    func headDeadlines() throws {
        var intake = Intake(Self.limits)
        #expect(intake.beginWait(for: .head, now: seconds(100)) == seconds(160))
        #expect(intake.prolongWait(now: seconds(101)) == nil)
        intake.receiveBytes(bytes("\r\n"))
        #expect(intake.prolongWait(now: seconds(109)) == nil, "an empty line is no head")
        intake.receiveBytes(bytes("G"))
        #expect(intake.prolongWait(now: seconds(110)) == seconds(120))
        intake.receiveBytes(bytes("ET"))
        #expect(intake.prolongWait(now: seconds(115)) == nil, "more bytes give no more time")
        intake.expire()
        #expect(intake.failure == .slowHead)

        var quiet = Intake(Self.limits)
        _ = quiet.beginWait(for: .head, now: seconds(0))
        quiet.expire()
        #expect(quiet.failure == .idle)

        var begun = Intake(Self.limits)
        begun.receiveBytes(bytes("G"))
        #expect(begun.beginWait(for: .head, now: seconds(100)) == seconds(110))
    }

    @Test("A body's waits are added up; what comes earns time, but never more than at the start")
    func bodyDeadlines() throws {
        var intake = Intake(Self.limits)
        intake.receive(Self.head)
        #expect(try intake.take() != nil)
        #expect(intake.beginWait(for: .body, now: seconds(0)) == seconds(30))
        intake.endWait(now: seconds(20))
        #expect(intake.beginWait(for: .body, now: seconds(100)) == seconds(110), "the reader's own time doesn't count")
        intake.receive(.body(ByteBuffer(repeating: 0, count: 3000)))
        intake.endWait(now: seconds(105))
        #expect(intake.beginWait(for: .body, now: seconds(200)) == seconds(208))
        intake.receive(.body(ByteBuffer(repeating: 0, count: 1_000_000)))
        intake.endWait(now: seconds(200))
        #expect(intake.beginWait(for: .body, now: seconds(300)) == seconds(330))
        intake.expire()
        #expect(intake.failure == .slowBody)
    }

    @Test("Reading stops at the window and goes on below it; a failure comes after what came before it")
    func window() throws {
        var intake = Intake(Self.limits)
        intake.receive(Self.head)
        intake.receive(.body(ByteBuffer(repeating: 0, count: 3000)))
        #expect(intake.wantsMore)
        intake.receive(.body(ByteBuffer(repeating: 0, count: 3000)))
        #expect(!intake.wantsMore)
        _ = try intake.take()
        #expect(!intake.wantsMore)
        _ = try intake.take()
        #expect(intake.wantsMore)
        intake.receive(.end)
        intake.fail(.closed)
        intake.fail(.idle)
        intake.receive(Self.head)
        #expect(!intake.wantsMore)
        _ = try intake.take()
        #expect(intake.takeEnd() != nil)
        #expect(throws: Intake.Failure.closed) { try intake.take() }
        #expect(throws: Intake.Failure.closed) { try intake.take() }
    }

    @Test(
        "Dates",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        ])
    func dates(_ seconds: Int, _ text: String) {
        #expect(HTTPDate.text(seconds) == text)
    }
}
