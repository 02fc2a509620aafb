import Modeler

/// A collection that can do no more than every collection: it has no owners, no scan and no end signals.
struct PlainCollection: ModelCollection {
    let base: any ModelCollection

    init(_ base: any ModelCollection) { self.base = base }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await base.insert(model, expiry: expiry)
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] { try await base.fetch(ids) }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await base.commit(change, to: id)
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        try await base.remove(id, expecting: expecting)
    }
}
