import Modeler
import Synchronization

/// A collection that acknowledges one in so many writes and loses it, to see that the verdict is bad then.
final class DroppingCollection: ModelCollection {
    private let base: any ModelCollection
    private let period: Int
    private let count = Atomic(0)

    init(_ base: any ModelCollection, oneIn period: Int) { (self.base, self.period) = (base, period) }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await base.insert(model, expiry: expiry)
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] { try await base.fetch(ids) }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        guard !change.operations.isEmpty, change.expecting == .nothing, !change.isRepeated,
            count.add(1, ordering: .relaxed).newValue.isMultiple(of: period),
            let model = try await base.fetch(id), let lifetime = model.lifetime
        else { return try await base.commit(change, to: id) }
        return .committed(
            Commit(revision: model.revision + 1, created: model.created, updated: model.updated, lifetime: lifetime))
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        try await base.remove(id, expecting: expecting)
    }
}
