import GRDB
public import Modeler

extension SQLiteCollection: OwnershipCollection {
    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await file.read { [owners] db, now in
            // One transaction, so that places and epoch are of one state of the file.
            var known = Ownership()
            try db.inTransaction(.deferred) {
                known = try owners.index(of: owner, db, now: now).ownership
                return .commit
            }
            return known
        }
    }

    public func reserve(
        _ id: ModelID,
        for owner: OwnerID,
        limit: Int?,
        condemning victims: [ModelID],
        hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        try await change(owner) { index, now in
            index.reserve(id, limit: limit, condemning: victims, until: now + hold)
        }
    }

    public func confirm(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await change(owner) { index, _ in index.own(id, epoch: epoch, expires: expires, mustHavePlace: true) }
    }

    public func renew(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await change(owner) { index, _ in index.own(id, epoch: epoch, expires: expires, mustHavePlace: false) }
    }

    public func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await change(owner) { index, now in
            index.advanceEpoch(now: now)
            return index.ownership
        }
    }

    public func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await change(owner) { index, _ in
            index.condemn(except: id)
            return index.ownership
        }
    }

    public func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        try await change(owner) { index, _ in index.withdraw(ids) }
    }

    private func change<Result: Sendable>(
        _ owner: OwnerID,
        _ body: @escaping @Sendable (inout OwnerIndex, _ now: Timestamp) -> Result
    ) async throws(ModelError) -> Result {
        try await file.write { [owners] db, now in
            let result = try owners.change(owner, db, now: now) { body(&$0, now) }
            try Sweeper.sweepOwners(db, now: now, limit: Sweeper.modelsPerWrite)
            return result
        }
    }
}
