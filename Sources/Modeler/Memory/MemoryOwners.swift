/// The owners of a ``MemoryCollection``'s models.
struct MemoryOwners: Sendable {
    private var indexes: [OwnerID: OwnerIndex] = [:]
    private var sweepsAt = 64

    /// The owners of whom something is kept.
    var count: Int { indexes.count }

    func ownership(of owner: OwnerID, now: Timestamp) -> Ownership {
        guard var index = indexes[owner] else { return Ownership() }
        index.trim(now: now)
        return index.ownership
    }

    /// Runs a function on what is known of an owner.
    mutating func change<Result>(
        _ owner: OwnerID, now: Timestamp, _ body: (inout OwnerIndex) -> Result
    ) -> Result {
        if indexes.count >= sweepsAt { sweep(now: now) }
        // Taken out for the change, so that it is made in place.
        var index = indexes.removeValue(forKey: owner) ?? OwnerIndex()
        index.trim(now: now)
        let result = body(&index)
        if !index.isSpent(now: now) { indexes[owner] = index }
        return result
    }

    /// Looks at each owner once for as many as came since the last time.
    private mutating func sweep(now: Timestamp) {
        indexes = indexes.compactMapValues { index in
            var index = index
            index.trim(now: now)
            return index.isSpent(now: now) ? nil : index
        }
        sweepsAt = 2 * indexes.count + 64
    }
}
