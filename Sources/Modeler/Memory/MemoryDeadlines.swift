/// The deadlines of a ``MemoryCollection``'s models: those that an owner has in one queue, all others in another.
struct MemoryDeadlines {
    private var owned = DeadlineQueue()
    private var unowned = DeadlineQueue()

    init() {}

    /// Queues of these entries, in linear time.
    init(owned: [DeadlineQueue.Entry], unowned: [DeadlineQueue.Entry]) {
        self.owned = DeadlineQueue(owned)
        self.unowned = DeadlineQueue(unowned)
    }

    var count: Int { owned.count + unowned.count }

    /// The soonest entry of both.
    var first: DeadlineQueue.Entry? { first(isFirstOwned) }

    /// Whether the soonest entry of both is of a model that an owner has.
    var isFirstOwned: Bool {
        guard let owned = owned.first else { return false }
        return unowned.first.map { owned.deadline < $0.deadline } ?? true
    }

    func first(_ isOwned: Bool) -> DeadlineQueue.Entry? { isOwned ? owned.first : unowned.first }

    mutating func removeFirst(_ isOwned: Bool) -> DeadlineQueue.Entry? {
        isOwned ? owned.removeFirst() : unowned.removeFirst()
    }

    mutating func insert(_ entry: DeadlineQueue.Entry, isOwned: Bool) {
        if isOwned { owned.insert(entry) } else { unowned.insert(entry) }
    }

    /// The queue whose soonest model makes room in a full collection, or `nil` where none does.
    func evictable(_ whenFull: MemoryCollection.Limits.WhenFull, now: Timestamp) -> Bool? {
        guard let first else { return nil }
        if first.deadline <= now { return isFirstOwned }
        switch whenFull {
        case .refuse: return nil
        case .evictSoonestToExpire: return isFirstOwned
        case .evictUnownedSoonestToExpire: return unowned.first == nil ? nil : false
        }
    }
}
