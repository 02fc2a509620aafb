extension MemoryCollection: OwnershipCollection {
    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        let now = now()
        return owners.withLock { $0.ownership(of: owner, now: now) }
    }

    public func reserve(
        _ id: ModelID,
        for owner: OwnerID,
        limit: Int?,
        condemning victims: [ModelID],
        hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        change(owner) { index, now in
            index.reserve(id, limit: limit, condemning: victims, until: now + hold)
        }
    }

    public func confirm(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        change(owner) { index, _ in index.own(id, epoch: epoch, expires: expires, mustHavePlace: true) }
    }

    public func renew(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        change(owner) { index, _ in index.own(id, epoch: epoch, expires: expires, mustHavePlace: false) }
    }

    public func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        change(owner) { index, now in
            index.advanceEpoch(now: now)
            return index.ownership
        }
    }

    public func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        change(owner) { index, _ in
            index.condemn(except: id)
            return index.ownership
        }
    }

    public func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        change(owner) { index, _ in index.withdraw(ids) }
    }

    private func change<Result: Sendable>(
        _ owner: OwnerID, _ body: (inout OwnerIndex, _ now: Timestamp) -> Result
    ) -> Result {
        let now = now()
        return owners.withLock { owners in
            owners.change(owner, now: now) { body(&$0, now) }
        }
    }

    /// The owners of whom something is kept, for tests of its bounds.
    package var ownerCount: Int { owners.withLock { $0.count } }

    /// The places in the owners' order, for tests of its bounds.
    package var ownerPlaces: Int { owners.withLock { $0.placeCount } }
}
