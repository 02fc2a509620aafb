import Modeler
import Testing

@testable import ModelerTesting

/// Single histories, written by hand.
@Suite("The checker of histories through failovers")
struct FailoverCheckerTests {
    private let id = ModelID(1)

    private func violations(
        _ answers: [(HistoryEvent.Answer, HistoryEvent.Attempt?, log: [Int]?)], losses: [ClosedRange<Int64>] = [],
        replaysRemovals: Bool = true
    ) -> [Violation] {
        var record = HistoryRecord()
        record.events[id] = answers.enumerated().map { number, answer in
            let began = Int64(number) * 10
            return HistoryEvent(
                began: began, ended: began + 5, answer: answer.0, attempt: answer.1, log: answer.log)
        }
        return record.check(losses: losses, replaysRemovals: replaysRemovals, name: "test")
    }

    private func seen(_ second: Int, at revision: Revision) -> [HistoryEvent.Seen] {
        HistoryClient.fieldNames.indices.map { field in
            field == 1
                ? .init(field: 1, write: second, revision: revision) : .init(field: field, write: 1, revision: 1)
        }
    }

    private let insertion: (HistoryEvent.Answer, HistoryEvent.Attempt?, log: [Int]?) = (
        .inserted(write: 1), .init(write: 1, field: nil), nil
    )

    @Test("A write that is sent again and then finds nothing may have been applied; a refused one may not")
    func denied() {
        let attempt = HistoryEvent.Attempt(write: 2, field: 1)
        let read: (HistoryEvent.Answer, HistoryEvent.Attempt?, log: [Int]?) = (.read(2, seen(2, at: 2)), nil, [1, 2])
        #expect(violations([insertion, read, (.removed(.nothing), nil, nil), (.gone, attempt, nil)]).isEmpty)
        let refused = HistoryEvent.Answer.refused(.revision(1), 2, seen(2, at: 2))
        #expect(!violations([insertion, read, (refused, attempt, [1, 2])]).isEmpty)
        #expect(!violations([insertion, read, (.failed(.unavailable), attempt, nil)]).isEmpty)
    }

    @Test("A write or a removal may be lost within a failover, and not before it")
    func lost() {
        let attempt = HistoryEvent.Attempt(write: 2, field: 1)
        let commit = HistoryEvent.Answer.committed(field: 1, write: 2, .nothing, 2)
        let read: (HistoryEvent.Answer, HistoryEvent.Attempt?, log: [Int]?) = (.read(1, seen(1, at: 1)), nil, [1])
        #expect(violations([insertion, (commit, attempt, nil), read], losses: [12...18]).isEmpty)
        #expect(!violations([insertion, (commit, attempt, nil), read], losses: [16...18]).isEmpty)
        let removal = [insertion, (.removed(.nothing), nil, nil), read]
        #expect(violations(removal, losses: [12...18], replaysRemovals: false).isEmpty)
        #expect(!violations(removal, losses: [12...18], replaysRemovals: true).isEmpty)
        #expect(!violations(removal, losses: [16...18], replaysRemovals: false).isEmpty)
    }

    @Test("A write of another model, one that is there twice, and two at one revision are violations")
    func foreign() {
        #expect(!violations([insertion, (.read(2, seen(3, at: 2)), nil, [1, 3])], losses: [0...100]).isEmpty)
        let attempt = HistoryEvent.Attempt(write: 2, field: 1)
        let commit = HistoryEvent.Answer.committed(field: 1, write: 2, .nothing, 2)
        let twice: (HistoryEvent.Answer, HistoryEvent.Attempt?, log: [Int]?) = (
            .read(3, seen(2, at: 3)), nil, [1, 2, 2]
        )
        #expect(!violations([insertion, (commit, attempt, nil), twice], losses: [0...100]).isEmpty)
        let other = HistoryEvent.Attempt(write: 3, field: 2)
        let second = HistoryEvent.Answer.committed(field: 2, write: 3, .nothing, 2)
        #expect(!violations([insertion, (commit, attempt, nil), (second, other, nil)], losses: [90...100]).isEmpty)
    }
}
