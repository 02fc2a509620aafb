/// Ids in the order of their insertion. Entries of what is gone stay until they are many.
struct InsertionOrder<ID: Sendable>: Sendable {
    private var entries: [(sequence: Int, id: ID)] = []

    var count: Int { entries.count }

    mutating func append(_ id: ID, sequence: Int) {
        entries.append((sequence, id))
    }

    mutating func removeAll(where isGone: (ID, Int) -> Bool) {
        entries.removeAll { isGone($0.id, $0.sequence) }
    }

    /// The ids after a sequence number, of what is still there.
    ///
    /// Looks at a bounded number of entries, so a page may be short of its limit and have a next one all the same.
    func page(
        after cursor: Int?,
        limit: Int,
        order: PageOrder,
        isLive: (ID, Int) -> Bool
    ) -> (ids: [ID], next: Int?) {
        var ids: [ID] = []
        var last = cursor
        var position = start(after: cursor, order: order)
        var steps = 4 * min(limit, 1_000_000) + 1024
        while entries.indices.contains(position) {
            let (sequence, id) = entries[position]
            let isFull = ids.count == limit
            let isLive = isLive(id, sequence)
            if isFull && (isLive || steps <= 0) { return (ids, last) }
            if isLive { ids.append(id) }
            if !isFull { last = sequence }
            steps -= 1
            if steps <= 0 && ids.count < limit { return (ids, last) }
            position += order == .oldestFirst ? 1 : -1
        }
        return (ids, nil)
    }

    private func start(after cursor: Int?, order: PageOrder) -> Int {
        guard let cursor else { return order == .oldestFirst ? 0 : entries.count - 1 }
        switch order {
        case .oldestFirst: return firstPosition { $0 > cursor }
        case .newestFirst: return firstPosition { $0 >= cursor } - 1
        }
    }

    /// The position of the first entry whose sequence number meets a condition that all after it meet too.
    private func firstPosition(where meets: (Int) -> Bool) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if meets(entries[middle].sequence) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
