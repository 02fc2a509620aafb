/// The owners of a ``MemoryCollection``'s models.
struct MemoryOwners: Sendable {
    private struct Entry: Sendable {
        /// The owner's place in the order; 0 before it has one.
        var sequence = 0
        var index = OwnerIndex()
    }

    private var entries: [OwnerID: Entry] = [:]
    private var order = InsertionOrder<OwnerID>()
    private var sequence = 0
    private var sweepsAt = 64

    /// The owners of whom something is kept.
    var count: Int { entries.count }

    /// The places in the order, those that stand for nothing any more included.
    var placeCount: Int { order.count }

    func ownership(of owner: OwnerID, now: Timestamp) -> Ownership {
        guard var index = entries[owner]?.index else { return Ownership() }
        index.trim(now: now)
        return index.ownership
    }

    /// Runs a function on what is known of an owner.
    mutating func change<Result>(
        _ owner: OwnerID, now: Timestamp, _ body: (inout OwnerIndex) -> Result
    ) -> Result {
        if entries.count >= sweepsAt { sweep(now: now) }
        // Taken out for the change, so that it is made in place.
        var entry = entries.removeValue(forKey: owner) ?? Entry()
        entry.index.trim(now: now)
        let result = body(&entry.index)
        if !entry.index.isSpent(now: now) {
            if entry.sequence == 0 { entry.sequence = nextPlace(owner) }
            entries[owner] = entry
        }
        return result
    }

    /// Owners of whom something is kept, after a place in the order in which they came.
    func page(after place: Int?, limit: Int) -> (ids: [OwnerID], next: Int?) {
        order.page(after: place, limit: limit, order: .oldestFirst) { entries[$0]?.sequence == $1 }
    }

    private mutating func nextPlace(_ owner: OwnerID) -> Int {
        sequence += 1
        order.append(owner, sequence: sequence)
        if order.count > 2 * entries.count + 64 {
            // The owner itself is being changed, so it isn't among the entries.
            order.removeAll { [entries, sequence] in $1 != sequence && entries[$0]?.sequence != $1 }
        }
        return sequence
    }

    /// Looks at each owner once for as many as came since the last time.
    private mutating func sweep(now: Timestamp) {
        entries = entries.compactMapValues { entry in
            var entry = entry
            entry.index.trim(now: now)
            return entry.index.isSpent(now: now) ? nil : entry
        }
        sweepsAt = 2 * entries.count + 64
    }
}
