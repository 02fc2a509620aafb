/// A collection that keeps each owner's ``OwnerIndex`` and can change it in one atomic step.
///
/// That one operation is all a store has to implement of ``OwnershipCollection``. A store that runs its own scripts
/// where the data is conforms to ``OwnershipCollection`` itself.
public protocol OwnerIndexCollection: OwnershipCollection {
    /// Runs a function on what is known of an owner, and stores what it has changed: all of it, or nothing.
    ///
    /// - Parameter body: Gets the index, empty for an owner of whom nothing is kept, without the entries whose deadline
    ///   has passed (``OwnerIndex/trim(now:)``), and the store's clock. It may run more than once.
    func withOwnerIndex<Result: Sendable>(
        of owner: OwnerID,
        _ body: @escaping @Sendable (inout OwnerIndex, _ now: Timestamp) -> Result
    ) async throws(ModelError) -> Result
}

extension OwnerIndexCollection {
    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await withOwnerIndex(of: owner) { index, _ in index.ownership }
    }

    public func reserve(
        _ id: ModelID,
        for owner: OwnerID,
        limit: Int?,
        condemning victims: [ModelID],
        hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        try await withOwnerIndex(of: owner) { index, now in
            index.reserve(id, limit: limit, condemning: victims, until: now + hold)
        }
    }

    public func confirm(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await withOwnerIndex(of: owner) { index, _ in
            index.confirm(id, epoch: epoch, expires: expires)
        }
    }

    public func renew(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> RenewalOutcome {
        try await withOwnerIndex(of: owner) { index, _ in
            index.renew(id, epoch: epoch, expires: expires)
        }
    }

    public func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await withOwnerIndex(of: owner) { index, now in
            index.advanceEpoch(now: now)
            return index.ownership
        }
    }

    public func advanceEpoch(
        of owner: OwnerID,
        sparing id: ModelID,
        epoch: OwnerEpoch,
        hold: Duration
    ) async throws(ModelError) -> Ownership? {
        try await withOwnerIndex(of: owner) { index, now in
            index.advanceEpoch(now: now, sparing: id, epoch: epoch, until: now + hold) ? index.ownership : nil
        }
    }

    public func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await withOwnerIndex(of: owner) { index, _ in
            index.condemn(except: id)
            return index.ownership
        }
    }

    public func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        try await withOwnerIndex(of: owner) { index, _ in index.withdraw(ids) }
    }
}
