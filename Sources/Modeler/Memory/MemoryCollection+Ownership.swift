extension MemoryCollection: OwnerIndexCollection {
    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        let now = now()
        return withOwners { $0.ownership(of: owner, now: now) }
    }

    public func withOwnerIndex<Result: Sendable>(
        of owner: OwnerID,
        _ body: @escaping @Sendable (inout OwnerIndex, _ now: Timestamp) -> Result
    ) async throws(ModelError) -> Result {
        let now = now()
        return withOwners { owners in
            let result = owners.change(owner, now: now) { body(&$0, now) }
            noteOwned(owners.takeMoves())
            return result
        }
    }

    /// The owners of whom something is kept, for tests of its bounds.
    package var ownerCount: Int { withOwners { $0.count } }

    /// The places in the owners' order, for tests of its bounds.
    package var ownerPlaces: Int { withOwners { $0.placeCount } }
}
