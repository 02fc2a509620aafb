import FoundationEssentials
public import Modeler

/// Mixed load of many clients on a few models, recorded and checked.
///
/// Clients read, write single fields (blindly, on the model's revision, on a field's), touch and remove models, and put
/// new ones in their places. Every answer is recorded with its times, and afterwards each model's history must be one
/// that some order of the calls explains: see the checks that a ``Violation`` names.
public struct Histories: Sendable {
    /// The clients, each one call at a time.
    public var clients: Int
    /// The models at any one time.
    public var models: Int
    /// The calls of all clients together.
    public var operations: Int
    /// The seed of what the clients choose; what comes of it depends on how they mix.
    public var seed: UInt64
    /// Whether answers are lost, and writes sent again: one that then finds nothing may have been applied before, and a
    /// read may fail.
    package var resendsWrites = false

    /// What a run consisted of.
    public struct Report: Sendable, CustomStringConvertible {
        /// Calls whose answers were recorded.
        public var operations = 0
        /// Models that were inserted.
        public var models = 0
        /// Writes that were applied.
        public var commits = 0
        /// Writes that were refused because of what they expected.
        public var conflicts = 0
        /// Calls that found nothing.
        public var gone = 0
        /// Writes and removals whose answers were lost.
        public var unknown = 0

        public var description: String {
            """
            \(operations) operations on \(models) models: \(commits) commits, \(conflicts) conflicts, \(gone) gone, \
            \(unknown) unknown
            """
        }
    }

    /// Describes a load.
    public init(clients: Int = 32, models: Int = 100, operations: Int = 20_000, seed: UInt64? = nil) {
        self.clients = clients
        self.models = models
        self.operations = operations
        let environment = ProcessInfo.processInfo.environment
        self.seed = seed ?? environment["SESS_TEST_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<(1 << 32))
    }

    /// Runs the load on a collection of a store and checks its history.
    ///
    /// - Throws: A ``Violation`` that names the model and what no order explains; what the store throws but lost
    ///   answers and calls that weren't made.
    @discardableResult
    public func run(on store: CollectionUnderTest) async throws -> Report {
        try await run(on: [try await store.make()])
    }

    /// Runs the load on several collections over one store, as the servers of one site have them.
    @discardableResult
    public func run(on collections: [any ModelCollection]) async throws -> Report {
        let slots = HistorySlots(count: models)
        let share = max(1, operations / clients)
        let recorded = try await withThrowingTaskGroup(of: [ModelID: [HistoryEvent]].self) { group in
            for number in 0..<clients {
                group.addTask {
                    var client = HistoryClient(
                        collections[number % collections.count], number: number, seed: seed &+ UInt64(number),
                        slots: slots, isTolerant: resendsWrites
                    )
                    for _ in 0..<share {
                        try await client.step()
                        await Task.yield()  // A store in memory never suspends, and clients are to mix.
                    }
                    return client.events
                }
            }
            var all: [ModelID: [HistoryEvent]] = [:]
            for try await events in group { all.merge(events) { $0 + $1 } }
            return all
        }
        var report = Report(models: recorded.count)
        for (id, events) in recorded {
            report.count(events)
            var checker = HistoryChecker(
                events, fields: HistoryClient.fieldNames.count, name: "seed \(seed), \(id)",
                resendsWrites: resendsWrites)
            try checker.check()
        }
        return report
    }
}

extension Histories.Report {
    fileprivate mutating func count(_ events: [HistoryEvent]) {
        operations += events.count
        for event in events {
            switch event.answer {
            case .committed: commits += 1
            case .refused: conflicts += 1
            case .gone: gone += 1
            case .unknown, .removalUnknown(isLost: true): unknown += 1
            default: break
            }
        }
    }
}
