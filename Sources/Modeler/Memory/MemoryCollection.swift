import FoundationEssentials

/// A collection in the memory of this process: for one server, for development, and for tests.
///
/// Models expire by a monotonic clock, so that setting the system's clock expires nobody; expired ones are not found
/// from that instant on and their memory is given back in small steps by later writes. Values are kept as their
/// encoded bytes. Bounded by ``Limits``. Nothing outlives the process.
///
/// Recognizes the repetition of each of the last 32 writes of a model. No operation waits for anything but the short
/// work of others on the same collection.
public final class MemoryCollection: ListingCollection, Sendable {
    public let name: String
    public let expiry: Expiry
    public let hooks: ModelHooks
    /// How much the collection holds.
    public let limits: Limits

    private let clock: @Sendable () -> Timestamp
    private let state = Guarded(MemoryState())
    let owners = Guarded(MemoryOwners())
    let ends = EndListeners<ModelID>()

    /// Makes an empty collection.
    ///
    /// - Parameters:
    ///   - name: What the models are.
    ///   - expiry: The limits of a model for which none are named.
    ///   - hooks: What runs around `create`, `save`, `load` and `destroy`.
    ///   - limits: How much the collection holds.
    ///   - now: The clock, for tests; by default a monotonic one, set once by the system's clock. It may be called
    ///     from any thread. A reading before an earlier one counts as that.
    public init(
        name: String = "models",
        expiry: Expiry = .never,
        hooks: ModelHooks = ModelHooks(),
        limits: Limits = Limits(),
        now: (@Sendable () -> Timestamp)? = nil
    ) {
        self.name = name
        self.expiry = expiry
        self.hooks = hooks
        self.limits = limits
        self.clock = now ?? Self.monotonicClock()
    }

    private static func monotonicClock() -> @Sendable () -> Timestamp {
        let start = Timestamp(Date())
        let anchor = ContinuousClock.now
        return { start + (ContinuousClock.now - anchor) }
    }

    /// The collection's clock, which never goes back.
    func now() -> Timestamp {
        let reading = clock()
        return state.withLock { $0.advance(to: reading) }
    }

    private func withState<Result: Sendable>(
        _ body: (inout MemoryState, _ now: Timestamp) throws(ModelError) -> Result
    ) throws(ModelError) -> Result {
        let reading = clock()
        return try state.withLock { (state) throws(ModelError) in
            try body(&state, state.advance(to: reading))
        }
    }

    public func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try model.validate()
        try expiry.validate()
        let (outcome, evicted) = try withState { (state, now) throws(ModelError) in
            (try state.insert(model, expiry: expiry, limits: limits, now: now), state.takeEvicted())
        }
        for id in evicted { ends.tell(id) }
        return outcome
    }

    public func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        try withState { (state, now) throws(ModelError) in
            ids.map { id in state.live(id, now: now)?.model(id: id, now: now) }
        }
    }

    public func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        try withState { (state, now) throws(ModelError) in state.live(id, now: now)?.model(id: id, now: now) }
    }

    public func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try change.validate()
        var change = change
        change.operations = change.operations.map { ($0.name, $0.operation.detached) }
        return try withState { [change] (state, now) throws(ModelError) in
            try state.commit(change, to: id, limits: limits, now: now)
        }
    }

    public func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime? {
        try expiry?.validate()
        return try withState { (state, now) throws(ModelError) in state.touch(id, expiry: expiry, now: now) }
    }

    @discardableResult
    public func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        let wasThere = try withState { (state, now) throws(ModelError) in state.remove(id, now: now) }
        if wasThere { ends.tell(id) }
        return wasThere
    }

    public func page(after cursor: PageCursor?, limit: Int, order: PageOrder) async throws(ModelError) -> Page {
        guard limit >= 1 else { throw ModelError(.invalidChange, "a page has room for at least 1 id") }
        let after = cursor.flatMap { Int($0.rawValue) }
        guard cursor == nil || after != nil else {
            throw ModelError(.invalidChange, "the cursor is none of this collection's")
        }
        return try withState { (state, now) throws(ModelError) in
            let page = state.order.page(after: after, limit: limit, order: order) { id, sequence in
                state.live(id, now: now)?.sequence == sequence
            }
            return Page(ids: page.ids, next: page.next.map { PageCursor(rawValue: String($0)) })
        }
    }

    /// The number of models, expired ones whose memory is not given back yet included.
    public var count: Int { state.withLock { $0.count } }

    /// The entries kept beside the models, for tests of their bounds.
    package var bookkeeping: (deadlines: Int, order: Int) { state.withLock { $0.bookkeeping } }
}
