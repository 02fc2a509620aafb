import FoundationEssentials

/// A collection in the memory of this process: for one server, for development, and for tests.
///
/// Models expire by a monotonic clock, so that setting the system's clock expires nobody; expired ones are not found
/// from that instant on and their memory is given back in small steps by later writes. Values are kept as their
/// encoded bytes. Bounded by ``Limits``. Nothing outlives the process.
///
/// Recognizes the repetition of each of the last 10 writes of a model. No operation waits for anything but the short
/// work of others on the same collection.
public final class MemoryCollection: ListingCollection, Sendable {
    public let name: String
    public let expiry: Expiry
    public let hooks: ModelHooks
    /// How much the collection holds.
    public let limits: Limits

    private let clock: @Sendable () -> Timestamp
    private let state = Guarded(MemoryState())
    private let owners = Guarded(MemoryOwners())
    let ends = EndListeners<ModelID>()
    private let nearlyFullHandler = Guarded<(@Sendable (_ models: Int) -> Void)?>(nil)

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
        let (outcome, evicted, becameNearlyFull) = try withState { (state, now) throws(ModelError) in
            let outcome = try state.insert(model, expiry: expiry, limits: limits, now: now)
            return (outcome, state.takeEvicted(), state.takesNotice(of: limits))
        }
        for id in evicted { ends.tell(id) }
        if becameNearlyFull { nearlyFullHandler.withLock { $0 }?(count) }
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
        return try withState { (state, now) throws(ModelError) in
            try state.commit(change, to: id, limits: limits, now: now)
        }
    }

    public func remove(
        _ id: ModelID, expecting: Change.Expectation
    ) async throws(ModelError) -> RemoveOutcome {
        let outcome = try withState { (state, now) throws(ModelError) in
            state.remove(id, expecting: expecting, now: now)
        }
        if case .removed = outcome { ends.tell(id) }
        return outcome
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

    /// Whether there are nine tenths of ``Limits/maximumModels`` or more.
    public var isNearlyFull: Bool { count >= limits.nearlyFull }

    /// Runs each time the collection becomes nearly full (``isNearlyFull``), with the number of models: the place for a
    /// warning in a log. It runs again only after there were less than eight tenths. An insertion runs it, outside of
    /// every lock, before it returns.
    public var onNearlyFull: (@Sendable (_ models: Int) -> Void)? {
        get { nearlyFullHandler.withLock { $0 } }
        set { nearlyFullHandler.withLock { $0 = newValue } }
    }

    /// Runs a function on the owners. It may call ``noteOwned(_:)``: of the two locks this one is taken first.
    func withOwners<Result: Sendable>(_ body: (inout MemoryOwners) -> Result) -> Result {
        owners.withLock { body(&$0) }
    }

    /// Records which models have gained their first or lost their last place at an owner.
    func noteOwned(_ moves: MemoryOwners.Moves) {
        guard !moves.isEmpty else { return }
        state.withLock { state in
            for id in moves.gained { state.setOwned(true, id) }
            for id in moves.lost { state.setOwned(false, id) }
        }
    }

    /// The entries kept beside the models, for tests of their bounds.
    package var bookkeeping: (deadlines: Int, order: Int) { state.withLock { $0.bookkeeping } }
}
