import Modeler

/// Checks one model's history. Revisions order its writes totally, so the check takes linear time but for sorting.
///
/// - Revisions are unique, and without gaps but for writes whose answers were lost.
/// - Each write or removal that expected something was applied on what it expected, and each refused one was refused
///   with reason.
/// - Every read has the writes up to its revision in its log, none twice, none that failed.
/// - Every read has, in each field, what the last write up to its revision has left there.
/// - Real time holds: what begins after an answer has come sees no earlier revision than it.
/// - After a removal nothing is there; before it nothing is missing.
struct HistoryChecker {
    private let events: [HistoryEvent]
    private let name: String
    /// Whether writes are sent again after lost answers: one that then finds nothing may have been applied before.
    private let resendsWrites: Bool
    /// Which write wrote which field, by the revision it was given; fields numbered by position.
    private var writes: [Revision: (field: Int?, write: Int)] = [:]
    /// For each field the revisions that wrote it, in order.
    private var revisionsOfField: [[Revision]]

    init(_ events: [HistoryEvent], fields: Int, name: String, resendsWrites: Bool = false) {
        self.events = events
        self.resendsWrites = resendsWrites
        self.name = name
        revisionsOfField = Array(repeating: [], count: fields)
    }

    mutating func check() throws(Violation) {
        try gatherWrites()
        try checkAnswers()
        try checkLogs()
        try checkRealTime()
        try checkEnd()
    }

    // MARK: Writes

    private mutating func gatherWrites() throws(Violation) {
        var lost: [Int: Int] = [:]
        for event in events {
            switch event.answer {
            case .inserted(let write): try note(nil, write, at: 1)
            case .committed(let field, let write, _, let revision): try note(field, write, at: revision)
            case .unknown(let field, let write): lost[write] = field
            case .gone where resendsWrites:
                if let attempt = event.attempt { lost[attempt.write] = attempt.field }
            default: break
            }
        }
        // A write whose answer was lost is known to be applied once somebody has seen it.
        for case .read(_, let seen) in events.map(\.answer) { try noteLost(&lost, seen) }
        for case .refused(_, _, let seen) in events.map(\.answer) { try noteLost(&lost, seen) }
        let last = writes.keys.max() ?? 0
        let gaps = last - writes.count
        guard gaps <= lost.count else {
            throw Violation(
                "\(name): \(gaps) revisions up to \(last) are nobody's, and \(lost.count) answers were lost")
        }
        for (revision, write) in writes {
            for field in write.field.map({ [$0] }) ?? Array(revisionsOfField.indices) {
                revisionsOfField[field].append(revision)
            }
        }
        for field in revisionsOfField.indices { revisionsOfField[field].sort() }
    }

    private mutating func noteLost(_ lost: inout [Int: Int], _ seen: [HistoryEvent.Seen]) throws(Violation) {
        for value in seen {
            guard let field = lost[value.write], field == value.field else { continue }
            lost[value.write] = nil
            try note(field, value.write, at: value.revision)
        }
    }

    private mutating func note(_ field: Int?, _ write: Int, at revision: Revision) throws(Violation) {
        if let other = writes[revision] {
            throw Violation("\(name): writes \(other.write) and \(write) were both given revision \(revision)")
        }
        writes[revision] = (field, write)
    }

    /// The revision that wrote a field last, up to a revision.
    private func revision(of field: Int, upTo revision: Revision) -> Revision {
        let revisions = revisionsOfField[field]
        var (low, high) = (0, revisions.count)
        while low < high {
            let middle = (low + high) / 2
            if revisions[middle] <= revision { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? 0 : revisions[low - 1]
    }

    // MARK: Answers

    private func checkAnswers() throws(Violation) {
        for event in events {
            switch event.answer {
            case .committed(_, let write, let expected, let revision):
                guard holds(expected, at: revision - 1) else {
                    throw Violation("\(name): write \(write) was applied at \(revision) though it expected \(expected)")
                }
            case .refused(let expected, let revision, let seen):
                guard !holds(expected, at: revision) else {
                    throw Violation("\(name): a write was refused at \(revision) though \(expected) holds")
                }
                try check(seen, at: revision)
            case .read(let revision, let seen):
                try check(seen, at: revision)
            case .repeated(let first, let second):
                guard first == second else {
                    let answer = second.map { "answered with \($0)" } ?? "refused"
                    throw Violation("\(name): a change applied at \(first) is \(answer) when it is asked for again")
                }
            default: break
            }
        }
    }

    private func checkLogs() throws(Violation) {
        var failed: Set<Int> = []
        for event in events {
            if case .failed = event.answer, let write = event.attempt?.write { failed.insert(write) }
        }
        for event in events {
            guard let log = event.log else { continue }
            try event.checkLogLength(name)
            for (index, write) in log.enumerated() {
                if let known = writes[index + 1]?.write, known != write {
                    throw Violation("\(name): the log has write \(write) at \(index + 1), and it was \(known)")
                }
                if failed.contains(write) {
                    throw Violation("\(name): write \(write) failed as not applied, and the log has it")
                }
            }
        }
    }

    private func holds(_ expected: HistoryEvent.Expected, at revision: Revision) -> Bool {
        switch expected {
        case .nothing: true
        case .revision(let expected): expected == revision
        case .field(let field, let expected): self.revision(of: field, upTo: revision) == expected
        }
    }

    private func check(_ seen: [HistoryEvent.Seen], at revision: Revision) throws(Violation) {
        for value in seen {
            let expected = self.revision(of: value.field, upTo: revision)
            guard value.revision == expected, writes[expected]?.write == value.write else {
                let write = writes[expected]?.write ?? 0
                throw Violation(
                    """
                    \(name): read at \(revision), field \(value.field) has write \(value.write) of revision \
                    \(value.revision), and it was write \(write) of revision \(expected) that wrote it last
                    """
                )
            }
        }
    }

    // MARK: Time

    /// The revision that an answer tells, and whether the call itself made it.
    private func told(_ event: HistoryEvent) -> (revision: Revision, isNew: Bool)? {
        switch event.answer {
        case .inserted: (1, true)
        case .committed(_, _, _, let revision): (revision, true)
        case .refused(_, let revision, _), .read(let revision, _): (revision, false)
        default: nil
        }
    }

    private func checkRealTime() throws(Violation) {
        let byBegin = events.sorted { $0.began < $1.began }
        let byEnd = events.sorted { $0.ended < $1.ended }
        var next = 0
        var floor = 0
        for event in byBegin {
            while next < byEnd.count, byEnd[next].ended < event.began {
                floor = max(floor, told(byEnd[next])?.revision ?? 0)
                next += 1
            }
            guard let (revision, isNew) = told(event), isNew ? revision <= floor : revision < floor else { continue }
            throw Violation("\(name): revision \(revision) was answered to a call that began after \(floor) was known")
        }
    }

    private func checkEnd() throws(Violation) {
        var inserted = Int64.max
        /// The beginning of the first removal that may have been applied, and the end of the first that was.
        var (removing, removed) = (Int64.max, Int64.max)
        var removals = 0
        for event in events {
            switch event.answer {
            case .inserted: inserted = event.ended
            case .removed(let expected):
                guard holds(expected, at: writes.keys.max() ?? 0) else {
                    throw Violation("\(name) was removed though the removal expected \(expected)")
                }
                removing = min(removing, event.began)
                removed = min(removed, event.ended)
                removals += 1
            case .removalUnknown: removing = min(removing, event.began)
            default: break
            }
        }
        guard removals <= 1 else { throw Violation("\(name) was removed \(removals) times") }
        for event in events {
            switch event.answer {
            case .gone:
                guard event.began <= inserted || event.ended >= removing else {
                    throw Violation("\(name) was gone before anybody removed it")
                }
            case .committed, .read, .refused, .touched, .repeated:
                guard event.began <= removed else { throw Violation("\(name) was there after it had been removed") }
            default: break
            }
        }
    }
}
