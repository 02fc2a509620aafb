/// The owners of a ``MemoryCollection``'s models.
struct MemoryOwners: Sendable {
    private struct Entry: Sendable {
        /// The owner's place in the order; 0 before it has one.
        var sequence = 0
        var index = OwnerIndex()
    }

    /// The models that have gained their first place at an owner, and those that have lost their last.
    struct Moves: Sendable {
        var gained: Set<ModelID> = []
        var lost: Set<ModelID> = []

        var isEmpty: Bool { gained.isEmpty && lost.isEmpty }
    }

    private var entries: [OwnerID: Entry] = [:]
    /// How many owners have or have reserved a model.
    private var places: [ModelID: Int] = [:]
    private var moves = Moves()
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
        let before = entry.index.entries
        entry.index.trim(now: now)
        let result = body(&entry.index)
        count(before, entry.index.entries)
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

    /// The moves since the last call.
    mutating func takeMoves() -> Moves {
        defer { moves = Moves() }
        return moves
    }

    /// Looks at each owner once for as many as came since the last time.
    private mutating func sweep(now: Timestamp) {
        for owner in Array(entries.keys) {
            guard var entry = entries[owner] else { continue }
            let before = entry.index.entries
            entry.index.trim(now: now)
            count(before, entry.index.entries)
            entries[owner] = entry.index.isSpent(now: now) ? nil : entry
        }
        sweepsAt = 2 * entries.count + 64
    }

    /// Counts the places that one owner's models have gained and lost. What is condemned has none.
    private mutating func count(_ before: [ModelID: OwnerIndex.Entry], _ after: [ModelID: OwnerIndex.Entry]) {
        func hasPlace(_ entry: OwnerIndex.Entry?) -> Bool { entry.map { $0.standing != .condemned } ?? false }
        for (id, entry) in after where hasPlace(entry) && !hasPlace(before[id]) {
            places[id, default: 0] += 1
            guard places[id] == 1, moves.lost.remove(id) == nil else { continue }
            moves.gained.insert(id)
        }
        for (id, entry) in before where hasPlace(entry) && !hasPlace(after[id]) {
            guard let count = places[id] else { continue }
            places[id] = count > 1 ? count - 1 : nil
            guard count == 1, moves.gained.remove(id) == nil else { continue }
            moves.lost.insert(id)
        }
    }
}
