public import Modeler

/// A collection with owners that runs a function before each call on another one: to let something else happen there,
/// or to fail.
public struct InterposedOwners: OwnershipCollection {
    /// What is called.
    public typealias Call = StoreCall

    /// The collection that does the work.
    public let base: any OwnershipCollection
    private let before: @Sendable (Call) async throws(ModelError) -> Void

    /// Interposes on a collection.
    ///
    /// - Parameter before: Runs before each call; what it throws, the call throws.
    public init(
        base: any OwnershipCollection,
        before: @escaping @Sendable (Call) async throws(ModelError) -> Void
    ) {
        self.base = base
        self.before = before
    }

    public var name: String { base.name }
    public var expiry: Expiry { base.expiry }
    public var hooks: ModelHooks { base.hooks }

    public func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await before(.insert)
        return try await base.insert(model, expiry: expiry)
    }

    public func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        try await before(.fetch)
        return try await base.fetch(ids)
    }

    public func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await before(.commit)
        return try await base.commit(change, to: id)
    }

    public func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime? {
        try await before(.touch)
        return try await base.touch(id, expiry: expiry)
    }

    public func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        try await before(.remove)
        return try await base.remove(id)
    }

    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await before(.ownership)
        return try await base.ownership(of: owner)
    }

    public func reserve(
        _ id: ModelID, for owner: OwnerID, limit: Int?, condemning victims: [ModelID], hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        try await before(.reserve)
        return try await base.reserve(id, for: owner, limit: limit, condemning: victims, hold: hold)
    }

    public func confirm(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await before(.confirm)
        return try await base.confirm(id, of: owner, epoch: epoch, expires: expires)
    }

    public func renew(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await before(.renew)
        return try await base.renew(id, of: owner, epoch: epoch, expires: expires)
    }

    public func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await before(.advance)
        return try await base.advanceEpoch(of: owner)
    }

    public func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await before(.condemn)
        return try await base.condemn(allOf: owner, except: id)
    }

    public func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        try await before(.withdraw)
        try await base.withdraw(ids, from: owner)
    }
}
