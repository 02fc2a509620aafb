public import Modeler
import Synchronization

/// A collection that runs a function before each call on another one, and one after it: to let something else happen
/// there, to fail, or to lose an answer.
///
/// It has the owners, the scan and the end signals of its base. What the base doesn't have throws
/// `ModelError.Code.misconfigured`; of ends it then says that they aren't told.
public final class InterposedCollection: ModelCollection {
    /// What is called.
    public typealias Call = StoreCall

    /// The collection that does the work.
    public let base: any ModelCollection
    private let before: @Sendable (Call) async throws(ModelError) -> Void
    private let after: @Sendable (Call) async throws(ModelError) -> Void
    private let calls = Mutex<[Call]>([])

    /// Interposes on a collection.
    ///
    /// - Parameters:
    ///   - base: The collection that does the work.
    ///   - before: Runs before each call; what it throws, the call throws.
    ///   - after: Runs when a call has been answered; what it throws, the call throws, so that its answer is lost.
    public init(
        _ base: any ModelCollection,
        before: @escaping @Sendable (Call) async throws(ModelError) -> Void = { _ in },
        after: @escaping @Sendable (Call) async throws(ModelError) -> Void = { _ in }
    ) {
        self.base = base
        self.before = before
        self.after = after
    }

    public var name: String { base.name }
    public var expiry: Expiry { base.expiry }
    public var hooks: ModelHooks { base.hooks }

    /// Every call so far, in order.
    public var log: [Call] { calls.withLock { $0 } }

    public func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await run(.insert) { () throws(ModelError) in try await base.insert(model, expiry: expiry) }
    }

    public func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        try await run(.fetch) { () throws(ModelError) in try await base.fetch(ids) }
    }

    public func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        try await run(.fetch) { () throws(ModelError) in try await base.fetch(id) }
    }

    public func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await run(.commit) { () throws(ModelError) in try await base.commit(change, to: id) }
    }

    public func remove(
        _ id: ModelID, expecting: Change.Expectation
    ) async throws(ModelError) -> RemoveOutcome {
        try await run(.remove) { () throws(ModelError) in try await base.remove(id, expecting: expecting) }
    }

    /// Runs a call between the two functions.
    func run<Answer: Sendable>(
        _ call: Call, _ body: () async throws(ModelError) -> Answer
    ) async throws(ModelError) -> Answer {
        calls.withLock { $0.append(call) }
        try await before(call)
        let answer = try await body()
        try await after(call)
        return answer
    }
}
