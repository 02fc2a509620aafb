import Foundation
import Modeler
import Testing

@Suite("Numbers and instants at their bounds")
struct BoundsTests {
    private static let instants: [Int64] = [.min, .min + 1, -1, 0, 1, 1 << 53, .max - 1, .max]

    @Test("T17 No instant and no duration makes arithmetic of instants trap; results stay within what there is")
    func instants() {
        let durations: [Duration] = [
            .zero, .milliseconds(1), .milliseconds(-1), .seconds(100 * 366 * 86400), .seconds(Int64.max),
            .seconds(Int64.min), .milliseconds(Int64.max), .milliseconds(Int64.min),
        ]
        for first in Self.instants {
            let instant = Timestamp(milliseconds: first)
            _ = instant.date
            for duration in durations {
                let (later, earlier) = (instant + duration, instant - duration)
                if duration >= .zero { #expect(later >= instant && earlier <= instant) }
                if duration <= .zero { #expect(later <= instant && earlier >= instant) }
                for expiry in [Expiry(idle: duration), Expiry(absolute: duration)] {
                    _ = Lifetime.deadline(expiry, created: instant, now: instant)
                    var head = RecordHead(expiry: expiry, now: instant)
                    head.renew(.touch, now: later)
                    _ = head.isExpired(at: earlier)
                }
            }
            for second in Self.instants {
                let other = Timestamp(milliseconds: second)
                #expect((instant - other < .zero) == (instant < other))
                _ = Lifetime(expiry: .never, expires: instant, now: other).remaining
            }
        }
    }

    @Test("T17 A stored head has numbers within 2^53 - 1, and a revision there doesn't grow")
    func heads() throws {
        let last: Int64 = 9_007_199_254_740_991
        func head(_ change: (inout [Int64?]) -> Void) -> RecordHead? {
            var numbers: [Int64?] = [1, 2, 3, 4, 5, 6]
            change(&numbers)
            return RecordHead(
                revision: numbers[0] ?? 0, created: numbers[1] ?? 0, updated: numbers[2] ?? 0, idle: numbers[3],
                absolute: numbers[4], deadline: numbers[5])
        }
        for position in 0..<6 {
            #expect(head { $0[position] = last } != nil)
            for number in [-1, last + 1, .max, .min] { #expect(head { $0[position] = number } == nil) }
        }
        var full = try #require(head { $0[0] = last })
        #expect(throws: ModelError.self) { try full.write(now: Timestamp(milliseconds: .max)) }
        full.renew(.replace(Expiry(absolute: .milliseconds(last))), now: Timestamp(milliseconds: last))
        #expect(full.deadline == Timestamp(milliseconds: last))
    }

    @Test("T17 An owner's epoch at the last number there is doesn't trap")
    func epochs() {
        for number in Self.instants {
            let now = Timestamp(milliseconds: number)
            var index = OwnerIndex(epoch: .max)
            index.advanceEpoch(now: now)
            #expect(index.epoch == .max)
            _ = index.isSpent(now: now)
        }
    }

    @Test("The text of operation ids is read back, and others are refused; a log keeps the last ten")
    func operationTexts() throws {
        var log = OperationLog()
        let operations = (0..<15).map { _ in OperationID() }
        for operation in operations {
            #expect(OperationID(text: operation.text) == operation)
            log.append(operation)
        }
        #expect(log.text.utf8.count == 60)
        #expect(OperationLog(text: log.text.utf8) == log)
        #expect(log.answer(for: operations[5], base: 0, newest: 15) == .applied(at: 6))
        #expect(log.answer(for: operations[4], base: 0, newest: 15) == .unknown)
        #expect(log.answer(for: OperationID(), base: 5, newest: 15) == .notApplied)
        #expect(log.answer(for: OperationID(), base: 4, newest: 15) == .unknown)
        for text in ["A", "AAAAA?", "AAAAAAA", "ÄAAAA"] { #expect(OperationLog(text: text.utf8) == nil) }
        #expect(OperationLog(text: "".utf8) == OperationLog())
    }
}
