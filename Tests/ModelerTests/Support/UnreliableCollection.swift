import Modeler
import ModelerTesting

/// A collection whose master hands over to its replica, and which may have a rare fault beside.
actor UnreliableCollection: ModelCollection {
    enum Fault: CaseIterable {
        /// A write is acknowledged, and is lost.
        case dropsCommit
        /// A write is applied a second time, as another one.
        case appliesTwice
        /// A read is answered with another model's content.
        case swapsReplies
        /// A removal is acknowledged, and is lost.
        case dropsRemoval
        /// A write is reported as not applied, and was.
        case hidesCommit
    }

    nonisolated let name = "models"
    nonisolated let expiry = Expiry.never
    nonisolated let hooks = ModelHooks()
    private var master = MemoryCollection()
    private var replica = MemoryCollection()
    private var isLagging = false
    private let fault: Fault?
    private let period: Int
    private var calls = 0
    private var lastID: ModelID?
    private var removed: [ModelID] = []

    /// - Parameter period: The fault happens once in so many calls that it concerns.
    init(_ fault: Fault? = nil, period: Int = 1_000) {
        self.fault = fault
        self.period = period
    }

    /// From now on the replica hears of nothing.
    func lag() { isLagging = true }

    /// The replica takes the master's place, and hears of the removals that it missed.
    func failOver() async throws {
        for id in removed { try await replica.remove(id) }
        (removed, isLagging, master) = ([], false, replica)
    }

    private func isDue(_ fault: Fault) -> Bool {
        guard self.fault == fault else { return false }
        calls += 1
        return calls.isMultiple(of: period)
    }

    private func both<Result>(
        _ call: (MemoryCollection) async throws(ModelError) -> Result
    ) async throws(ModelError) -> Result {
        if !isLagging, master !== replica { _ = try await call(replica) }
        return try await call(master)
    }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await both { (base) async throws(ModelError) in try await base.insert(model, expiry: expiry) }
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        var models = try await master.fetch(ids)
        let other = lastID
        lastID = ids.first
        if ids.count == 1, let other, other != ids[0], isDue(.swapsReplies),
            let found = try await master.fetch(other), models[0] != nil
        {
            models[0]?.fields = found.fields
            models[0]?.revision = found.revision
        }
        return models
    }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        if isDue(.dropsCommit), let model = try await master.fetch(id) {
            return .committed(
                Commit(
                    revision: model.revision + 1, created: model.created, updated: model.updated,
                    lifetime: model.lifetime ?? Lifetime(expiry: .never, expires: nil, now: model.updated)))
        }
        let outcome = try await both { (base) async throws(ModelError) in try await base.commit(change, to: id) }
        if isDue(.appliesTwice), !change.operations.isEmpty {
            var again = change
            (again.expecting, again.operation) = (.nothing, OperationID())
            _ = try await both { (base) async throws(ModelError) in try await base.commit(again, to: id) }
        }
        if isDue(.hidesCommit) { throw ModelError(.unavailable, "not so") }
        return outcome
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        if isDue(.dropsRemoval), expecting == .nothing { return .removed(.confirmed) }
        let outcome = try await both { (base) async throws(ModelError) in
            try await base.remove(id, expecting: expecting)
        }
        if case .removed = outcome { removed.append(id) }
        return outcome
    }
}
