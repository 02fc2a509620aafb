import Modeler

/// A collection that notes what it is asked for, and can make models go away at the worst moment.
final class ObservedListing: ListingCollection {
    enum Call: Equatable {
        case page(Int)
        case fetch(Int)
    }

    private let base = MemoryCollection()
    private let calls = Guarded<[Call]>([])
    private let removed: [ModelID]
    private let longestPage: Int

    init(removeBeforeFetch removed: [ModelID] = [], longestPage: Int = .max) {
        self.removed = removed
        self.longestPage = longestPage
    }

    var asked: [Call] { calls.withLock { $0 } }
    func forget() { calls.withLock { $0 = [] } }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await base.insert(model, expiry: expiry)
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        calls.withLock { $0.append(.fetch(ids.count)) }
        for id in removed { try await base.remove(id) }
        return try await base.fetch(ids)
    }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await base.commit(change, to: id)
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        try await base.remove(id, expecting: expecting)
    }

    func page(after cursor: PageCursor?, limit: Int, order: PageOrder) async throws(ModelError) -> Page {
        calls.withLock { $0.append(.page(limit)) }
        return try await base.page(after: cursor, limit: min(limit, longestPage), order: order)
    }
}
