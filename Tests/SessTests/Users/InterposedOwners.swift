import Modeler

/// A collection with owners that runs a function before each call on another one: to let something else happen there,
/// or to fail.
struct InterposedOwners: OwnershipCollection {
    enum Call: Sendable, Hashable {
        case insert, fetch, commit, touch, remove
        case ownership, reserve, confirm, renew, advance, condemn, withdraw
    }

    let base: any OwnershipCollection
    let before: @Sendable (Call) async throws(ModelError) -> Void

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try await before(.insert)
        return try await base.insert(model, expiry: expiry)
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        try await before(.fetch)
        return try await base.fetch(ids)
    }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await before(.commit)
        return try await base.commit(change, to: id)
    }

    func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime? {
        try await before(.touch)
        return try await base.touch(id, expiry: expiry)
    }

    func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        try await before(.remove)
        return try await base.remove(id)
    }

    func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await before(.ownership)
        return try await base.ownership(of: owner)
    }

    func reserve(
        _ id: ModelID, for owner: OwnerID, limit: Int?, condemning victims: [ModelID], hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        try await before(.reserve)
        return try await base.reserve(id, for: owner, limit: limit, condemning: victims, hold: hold)
    }

    func confirm(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await before(.confirm)
        return try await base.confirm(id, of: owner, epoch: epoch, expires: expires)
    }

    func renew(
        _ id: ModelID, of owner: OwnerID, epoch: OwnerEpoch, expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await before(.renew)
        return try await base.renew(id, of: owner, epoch: epoch, expires: expires)
    }

    func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await before(.advance)
        return try await base.advanceEpoch(of: owner)
    }

    func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await before(.condemn)
        return try await base.condemn(allOf: owner, except: id)
    }

    func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        try await before(.withdraw)
        try await base.withdraw(ids, from: owner)
    }
}
