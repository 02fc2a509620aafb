public import Modeler
import Synchronization

/// A collection that runs a function before each call on another one: to let something else happen there, or to fail.
public final class InterposedCollection: ModelCollection {
    /// What is called.
    public typealias Call = StoreCall

    /// The collection that does the work.
    public let base: any ModelCollection
    private let before: @Sendable (Call) async throws(ModelError) -> Void
    private let calls = Mutex<[Call]>([])

    /// Interposes on a collection.
    ///
    /// - Parameter before: Runs before each call; what it throws, the call throws.
    public init(
        _ base: any ModelCollection, before: @escaping @Sendable (Call) async throws(ModelError) -> Void = { _ in }
    ) {
        self.base = base
        self.before = before
    }

    public var name: String { base.name }
    public var expiry: Expiry { base.expiry }
    public var hooks: ModelHooks { base.hooks }

    /// Every call so far, in order.
    public var log: [Call] { calls.withLock { $0 } }

    public func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await note(.insert)
        return try await base.insert(model, expiry: expiry)
    }

    public func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        try await note(.fetch)
        return try await base.fetch(ids)
    }

    public func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        try await note(.fetch)
        return try await base.fetch(id)
    }

    public func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await note(.commit)
        return try await base.commit(change, to: id)
    }

    public func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime? {
        try await note(.touch)
        return try await base.touch(id, expiry: expiry)
    }

    public func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        try await note(.remove)
        return try await base.remove(id)
    }

    private func note(_ call: Call) async throws(ModelError) {
        calls.withLock { $0.append(call) }
        try await before(call)
    }
}
