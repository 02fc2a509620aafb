package import Modeler

/// A load on a store, recorded while faults may have happened.
package struct HistoryRecord: Sendable {
    /// What the calls came to.
    package struct Summary: Sendable {
        package var operations = 0
        /// Calls whose answers were lost.
        package var unknown = 0
        /// Calls that failed otherwise, by the kind of error.
        package var errors: [String: Int] = [:]
        /// The longest time within which no call succeeded.
        package var longestWithoutSuccess: Duration = .zero
    }

    var events: [ModelID: [HistoryEvent]] = [:]
    /// What clients have noticed themselves.
    var violations: [Violation] = []
    private let began = HistoryClock.now()

    mutating func add(_ client: HistoryClient, _ violations: [Violation]) {
        events.merge(client.events) { $0 + $1 }
        self.violations += violations
    }

    /// The models that were inserted for certain.
    private var ids: [ModelID] {
        events.filter { $0.value.contains { if case .inserted = $0.answer { true } else { false } } }.map(\.key)
    }

    /// The models that were found gone by the last reading of all.
    package private(set) var gone: [ModelID] = []

    /// Reads every model once more, at rest.
    package mutating func readAll(from collection: any ModelCollection) async throws(ModelError) {
        let ids = ids
        for start in stride(from: 0, to: ids.count, by: 50) {
            let some = Array(ids[start..<min(start + 50, ids.count)])
            let began = HistoryClock.now()
            let models = try await collection.fetch(some)
            let ended = HistoryClock.now()
            for (id, model) in zip(some, models) {
                var event = HistoryEvent(began: began, ended: ended, answer: .gone)
                if let model {
                    do {
                        let seen = try SeenModel(model)
                        event.answer = .read(model.revision, seen.fields)
                        event.log = seen.log
                    } catch {
                        violations.append(error)
                    }
                } else {
                    gone.append(id)
                }
                events[id]?.append(event)
            }
        }
    }

    /// Checks all histories.
    ///
    /// - Parameters:
    ///   - losses: The spans of ``HistoryClock`` in which acknowledged writes may have been lost. Without any the full
    ///     check of ``Histories`` applies as well.
    ///   - replaysRemovals: Whether removals that were acknowledged in a loss hold once it is over.
    ///   - name: What the violations' messages begin with, as the seed.
    package func check(
        losses: [ClosedRange<Int64>] = [], replaysRemovals: Bool = true, name: String
    ) -> [Violation] {
        var found = violations
        for (id, events) in events {
            let name = "\(name), \(id)"
            do throws(Violation) {
                try FailoverChecker(events, losses: losses, replaysRemovals: replaysRemovals, name: name).check()
                guard losses.isEmpty else { continue }
                var checker = HistoryChecker(
                    events, fields: HistoryClient.fieldNames.count, name: name, resendsWrites: true)
                try checker.check()
            } catch {
                found.append(error)
            }
        }
        return found
    }

    /// Counts the calls.
    package var summary: Summary {
        var summary = Summary()
        var ends: [Int64] = []
        for event in events.values.joined() {
            summary.operations += 1
            switch event.answer {
            case .unknown, .removalUnknown(isLost: true): summary.unknown += 1
            case .failed(.outcomeUnknown): summary.unknown += 1
            case .failed(let code): summary.errors[code.description, default: 0] += 1
            default: ends.append(event.ended)
            }
        }
        ends.sort()
        for (earlier, later) in zip([began] + ends, ends) {
            summary.longestWithoutSuccess = max(summary.longestWithoutSuccess, .nanoseconds(later - earlier))
        }
        return summary
    }
}
