import Modeler

/// The store of a manager's sessions, and the only one that asks it: what it can do is found once, the deadline of a
/// request applies to every call, and errors become a session's.
struct SessionStore: Sendable {
    /// Where sessions are stored; sealed, where there are keys.
    let models: any ModelCollection

    /// The same store as one that keeps owners; `nil` where it doesn't.
    let owners: (any OwnershipCollection)?

    /// The same store as one that tells of removals; `nil` where it doesn't.
    private let ends: (any EndSignalCollection)?

    /// The same store as one that can be gone through; `nil` where it can't.
    private let scannable: (any ScannableCollection)?

    /// Whether requests have a deadline for their store.
    let hasDeadline: Bool
    private let onUnavailable: @Sendable (ModelError) -> Void

    /// A store over the app's collection.
    ///
    /// - Parameter onUnavailable: Hears of every call that the store couldn't serve.
    init(
        _ collection: any ModelCollection,
        keys: KeyRing?,
        hasDeadline: Bool,
        onUnavailable: @escaping @Sendable (ModelError) -> Void
    ) {
        models = keys.map { SealedCollection(collection, keys: $0) } ?? collection
        // What these ask for is never sealed, so that they work on the collection beneath.
        owners = collection as? any OwnershipCollection
        ends = collection as? any EndSignalCollection
        scannable = collection as? any ScannableCollection
        self.hasDeadline = hasDeadline
        self.onUnavailable = onUnavailable
    }

    /// The time left of the request that this task works for; `nil` where there is no deadline.
    private var budget: StoreBudget? { hasDeadline ? StoreBudget.current : nil }

    // One function for each operation on the way of every request: a function that takes the operation as a closure
    // costs an asynchronous frame more.

    func fetch(_ id: ModelID) async throws(SessionError) -> Model? {
        do {
            if let budget {
                return try await budget.run { [models] () throws(ModelError) in try await models.fetch(id) }
            }
            return try await models.fetch(id)
        } catch {
            throw sessionError(error)
        }
    }

    func insert(_ model: NewModel, expiry: Expiry) async throws(SessionError) -> InsertOutcome {
        do {
            if let budget {
                return try await budget.run { [models] () throws(ModelError) in
                    try await models.insert(model, expiry: expiry)
                }
            }
            return try await models.insert(model, expiry: expiry)
        } catch {
            throw sessionError(error)
        }
    }

    func commit(_ change: Change, to id: ModelID) async throws(SessionError) -> CommitOutcome {
        do {
            if let budget {
                return try await budget.run { [models] () throws(ModelError) in
                    try await models.commit(change, to: id)
                }
            }
            return try await models.commit(change, to: id)
        } catch {
            throw sessionError(error)
        }
    }

    func fetch(_ ids: [ModelID]) async throws(SessionError) -> [Model?] {
        try await ask { [models] () throws(ModelError) in try await models.fetch(ids) }
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(SessionError) -> RemoveOutcome {
        try await ask { [models] () throws(ModelError) in try await models.remove(id, expecting: expecting) }
    }

    /// One step through all that is stored.
    ///
    /// - Throws: ``SessionError``: `invalidConfiguration` where the store can't be gone through.
    func scan(after cursor: PageCursor?, limit: Int) async throws(SessionError) -> ScanStep {
        guard let scannable else {
            throw SessionError(
                .invalidConfiguration,
                "the session store doesn't conform to ScannableCollection: it can't be gone through")
        }
        return try await ask { () throws(ModelError) in try await scannable.scan(after: cursor, limit: limit) }
    }

    /// The signals of a session's end; `nil` where the store tells none.
    func endSignals(of id: ModelID) -> AsyncStream<EndSignal>? { ends?.endSignals(of: id) }

    /// Asks the store's collection of owners.
    ///
    /// - Throws: ``SessionError``: `invalidConfiguration` where the store keeps no owners.
    func askOwners<Answer: Sendable>(
        _ question: @escaping @Sendable (any OwnershipCollection) async throws(ModelError) -> Answer
    ) async throws(SessionError) -> Answer {
        let owners = try requireOwners()
        return try await ask { () throws(ModelError) in try await question(owners) }
    }

    /// - Throws: ``SessionError/Code/invalidConfiguration`` where the store keeps no owners.
    @discardableResult
    func requireOwners() throws(SessionError) -> any OwnershipCollection {
        guard let owners else {
            throw SessionError(
                .invalidConfiguration, "the session store doesn't conform to OwnershipCollection: it keeps no owners")
        }
        return owners
    }

    private func ask<Answer: Sendable>(
        _ question: @escaping @Sendable () async throws(ModelError) -> Answer
    ) async throws(SessionError) -> Answer {
        do {
            if let budget { return try await budget.run(question) }
            return try await question()
        } catch {
            throw sessionError(error)
        }
    }

    private func sessionError(_ error: ModelError) -> SessionError {
        let sessionError = SessionError(store: error)
        if sessionError.code == .storeUnavailable { onUnavailable(error) }
        return sessionError
    }
}
