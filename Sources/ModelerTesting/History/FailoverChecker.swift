import Modeler

/// Checks one model's history through failovers, in each of which a store that replicates asynchronously may lose the
/// writes that it acknowledged within a known span of time.
///
/// An event is *certain* when none of its time is within such a span: what it tells is never lost.
/// - A log has one entry for each revision, none twice, and only writes that were asked for on this model and were
///   neither refused nor failed as not applied. Each field has the value of its last write in the log.
/// - All certain events agree on one order of writes, each at the revision that was acknowledged. Whatever begins after
///   a certain event has ended contains what that one told.
/// - A write that is acknowledged was applied on what it expected; one that is refused was refused with reason.
/// - What certainly is there is gone only after a removal was asked for, and what certainly is gone never comes back.
struct FailoverChecker {
    private let events: [HistoryEvent]
    private let losses: [ClosedRange<Int64>]
    private let replaysRemovals: Bool
    private let name: String
    /// What was asked for, by its number: its field, and whether the answer says that it was not applied.
    private var attempts: [Int: (field: Int?, isDenied: Bool)] = [:]
    /// The revisions at which a write was acknowledged.
    private var acknowledged: [Int: Set<Revision>] = [:]
    /// The writes of which an acknowledgement is certain.
    private var certain: Set<Int> = []

    /// - Parameters:
    ///   - losses: The spans of time in which acknowledged writes may be lost.
    ///   - replaysRemovals: Whether a removal that was acknowledged in a loss holds once the loss is over.
    init(_ events: [HistoryEvent], losses: [ClosedRange<Int64>], replaysRemovals: Bool, name: String) {
        self.events = events
        self.losses = losses
        self.replaysRemovals = replaysRemovals
        self.name = name
        for event in events {
            guard let attempt = event.attempt else { continue }
            let write = attempt.write
            switch event.answer {
            case .inserted: note(write, at: 1, event)
            case .committed(_, _, _, let revision): note(write, at: revision, event)
            case .repeated(_, let revision?): acknowledged[write, default: []].insert(revision)
            default: break
            }
            let isDenied =
                switch event.answer {
                case .failed(let code): code != .outcomeUnknown
                // One that was applied, and was lost in a failover, may be refused when it is sent again.
                case .refused: isCertain(event)
                default: false
                }
            attempts[write] = (attempt.field, isDenied || attempts[write]?.isDenied ?? false)
        }
    }

    private mutating func note(_ write: Int, at revision: Revision, _ event: HistoryEvent) {
        acknowledged[write, default: []].insert(revision)
        if isCertain(event) { certain.insert(write) }
    }

    func check() throws(Violation) {
        for event in events {
            try checkLog(event)
            try checkExpectation(event)
        }
        try checkOrder()
        try checkPresence()
    }

    private func isCertain(_ event: HistoryEvent) -> Bool {
        !losses.contains { $0.overlaps(event.began...event.ended) }
    }

    // MARK: Single answers

    private func checkLog(_ event: HistoryEvent) throws(Violation) {
        guard let log = event.log else { return }
        try event.checkLogLength(name)
        var last: [Int: Revision] = [:]
        for (index, write) in log.enumerated() {
            guard let attempt = attempts[write] else {
                throw Violation("\(name): write \(write) is in the log and was never asked for on this model")
            }
            guard !attempt.isDenied else {
                throw Violation("\(name): write \(write) was denied as not applied, and the log has it")
            }
            for field in attempt.field.map({ [$0] }) ?? Array(HistoryClient.fieldNames.indices) {
                last[field] = index + 1
            }
        }
        let seen: [HistoryEvent.Seen]
        switch event.answer {
        case .read(_, let fields), .refused(_, _, let fields): seen = fields
        default: return
        }
        for value in seen {
            guard let revision = last[value.field], value.revision == revision, log[revision - 1] == value.write else {
                throw Violation(
                    """
                    \(name): field \(value.field) has write \(value.write) of revision \(value.revision), and its last \
                    in the log is of \(last[value.field] ?? 0)
                    """)
            }
        }
    }

    private func checkExpectation(_ event: HistoryEvent) throws(Violation) {
        switch event.answer {
        case .committed(_, let write, .revision(let expected), let revision):
            guard revision == expected + 1 else {
                throw Violation("\(name): write \(write) was applied at \(revision) though it expected \(expected)")
            }
        case .refused(.nothing, _, _): throw Violation("\(name): a write that expects nothing was refused")
        case .refused(.revision(let expected), let revision, _):
            guard revision != expected else {
                throw Violation("\(name): a write was refused at \(revision), the revision that it expected")
            }
        case .refused(.field(let field, let expected), let revision, let seen):
            guard !seen.contains(where: { $0.field == field && $0.revision == expected }) else {
                throw Violation("\(name): a write was refused at \(revision) though field \(field) is at \(expected)")
            }
        case .repeated(let first, let second):
            guard first == second || event.attempt.map({ !certain.contains($0.write) }) ?? false else {
                let answer = second.map { "answered with \($0)" } ?? "refused"
                throw Violation("\(name): a change applied at \(first) is \(answer) when it is asked for again")
            }
        default: break
        }
    }

    // MARK: Order

    /// The writes that an event tells of, by revision.
    private func told(_ event: HistoryEvent) -> [(revision: Revision, write: Int)] {
        switch event.answer {
        case .inserted(let write): [(1, write)]
        case .committed(_, let write, _, let revision): [(revision, write)]
        default: event.log.map { $0.enumerated().map { (revision: $0.offset + 1, write: $0.element) } } ?? []
        }
    }

    private func checkOrder() throws(Violation) {
        var order: [Revision: Int] = [:]
        for event in events where isCertain(event) {
            for (revision, write) in told(event) {
                if let other = order[revision], other != write {
                    throw Violation("\(name): writes \(other) and \(write) both are revision \(revision)")
                }
                order[revision] = write
                if let expected = acknowledged[write], !expected.contains(revision) {
                    throw Violation("\(name): write \(write) is revision \(revision), acknowledged as \(expected)")
                }
            }
        }
        try checkFields(order)
        let byEnd = events.filter(isCertain).sorted { $0.ended < $1.ended }
        var next = 0
        var known: [Revision: Int] = [:]
        var floor = 0
        for event in events.sorted(by: { $0.began < $1.began }) {
            while next < byEnd.count, byEnd[next].ended < event.began {
                for (revision, write) in told(byEnd[next]) {
                    known[revision] = write
                    floor = max(floor, revision)
                }
                next += 1
            }
            if case .committed(_, let write, _, let revision) = event.answer, revision <= floor {
                throw Violation("\(name): write \(write) was applied at \(revision) after \(floor) was known")
            }
            guard let log = event.log else { continue }
            for (revision, write) in known where revision > log.count || log[revision - 1] != write {
                throw Violation("\(name): write \(write), known as revision \(revision), is missing: \(log)")
            }
        }
    }

    /// Checks the expectations of certain writes as far as the order before them is known.
    private func checkFields(_ order: [Revision: Int]) throws(Violation) {
        for event in events where isCertain(event) {
            guard case .committed(_, let write, .field(let field, let expected), let revision) = event.answer,
                expected < revision
            else { continue }
            for between in (expected + 1)..<revision {
                guard let other = order[between], let attempt = attempts[other] else { continue }
                guard attempt.field ?? field != field else {
                    throw Violation("\(name): write \(write) at \(revision) expected \(expected) and lost \(other)")
                }
            }
        }
    }

    // MARK: Presence

    private func checkPresence() throws(Violation) {
        var (present, removing, gone) = (Int64.max, Int64.max, Int64.max)
        for event in events {
            switch event.answer {
            case .inserted, .committed, .read, .refused, .touched, .repeated:
                if isCertain(event) { present = min(present, event.ended) }
            case .removed:
                removing = min(removing, event.began)
                if isCertain(event) {
                    gone = min(gone, event.ended)
                } else if replaysRemovals {
                    let ends = losses.filter { $0.overlaps(event.began...event.ended) }.map(\.upperBound)
                    gone = min(gone, max(event.ended, ends.max() ?? event.ended))
                }
            case .removalUnknown: removing = min(removing, event.began)
            default: break
            }
        }
        for event in events {
            guard case .gone = event.answer else { continue }
            guard event.began <= present || event.ended >= removing else {
                throw Violation("\(name) was gone before anybody removed it")
            }
            if isCertain(event) { gone = min(gone, event.ended) }
        }
        for event in events where event.began > gone {
            switch event.answer {
            case .committed, .read, .refused, .touched, .repeated, .removed:
                throw Violation("\(name) was there after it had certainly been gone")
            default: break
            }
        }
    }
}
