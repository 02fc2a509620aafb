public import Modeler

/// A collection with owners that runs a function before each call on another one, and one after it: to let something
/// else happen there, or to fail.
public struct InterposedOwners: OwnershipCollection {
    /// What is called.
    public typealias Call = StoreCall

    /// The collection that does the work.
    public let base: any OwnershipCollection
    private let before: @Sendable (Call) async throws(ModelError) -> Void
    private let after: @Sendable (Call) async throws(ModelError) -> Void

    /// Interposes on a collection.
    ///
    /// - Parameters:
    ///   - base: The collection that does the work.
    ///   - before: Runs before each call; what it throws, the call throws.
    ///   - after: Runs when a call has been answered; what it throws, the call throws, so that its answer is lost.
    public init(
        base: any OwnershipCollection,
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

    public func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await before(.insert)
        let answer = try await base.insert(model, expiry: expiry)
        try await after(.insert)
        return answer
    }

    public func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        try await before(.fetch)
        let answer = try await base.fetch(ids)
        try await after(.fetch)
        return answer
    }

    public func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await before(.commit)
        let answer = try await base.commit(change, to: id)
        try await after(.commit)
        return answer
    }

    public func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime? {
        try await before(.touch)
        let answer = try await base.touch(id, expiry: expiry)
        try await after(.touch)
        return answer
    }

    public func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        try await before(.remove)
        let answer = try await base.remove(id)
        try await after(.remove)
        return answer
    }

    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await before(.ownership)
        let answer = try await base.ownership(of: owner)
        try await after(.ownership)
        return answer
    }

    public func reserve(
        _ id: ModelID, for owner: OwnerID, limit: Int?, condemning victims: [ModelID], hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        try await before(.reserve)
        let answer = try await base.reserve(id, for: owner, limit: limit, condemning: victims, hold: hold)
        try await after(.reserve)
        return answer
    }

    public func confirm(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await before(.confirm)
        let answer = try await base.confirm(id, of: owner, epoch: epoch, expires: expires)
        try await after(.confirm)
        return answer
    }

    public func renew(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await before(.renew)
        let answer = try await base.renew(id, of: owner, epoch: epoch, expires: expires)
        try await after(.renew)
        return answer
    }

    public func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await before(.advance)
        let answer = try await base.advanceEpoch(of: owner)
        try await after(.advance)
        return answer
    }

    public func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await before(.condemn)
        let answer = try await base.condemn(allOf: owner, except: id)
        try await after(.condemn)
        return answer
    }

    public func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        try await before(.withdraw)
        try await base.withdraw(ids, from: owner)
        try await after(.withdraw)
    }
}
