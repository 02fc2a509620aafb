/// The models of a ``MemoryCollection`` and the operations on them, one at a time.
struct MemoryState {
    private(set) var models: [ModelID: MemoryEntry] = [:]
    var order = InsertionOrder<ModelID>()
    /// The models that made room for others since somebody last asked.
    private var evicted: [ModelID] = []
    private var deadlines = DeadlineQueue()
    private var sequence = 0
    private var latest = Timestamp(milliseconds: .min)

    /// Entries that stand for nothing any more, allowed beside one for each model.
    private static let slack = 64
    /// Expired models that one write sweeps away.
    private static let sweepStep = 8

    /// The number of models, expired ones that are not swept yet included.
    var count: Int { models.count }
    /// The entries of the deadline queue and of the listing.
    var bookkeeping: (deadlines: Int, order: Int) { (deadlines.count, order.count) }

    /// Takes a reading of the clock; time never goes back.
    mutating func advance(to reading: Timestamp) -> Timestamp {
        latest = max(latest, reading)
        return latest
    }

    /// The model of an id, unless it has expired.
    func live(_ id: ModelID, now: Timestamp) -> MemoryEntry? {
        guard let entry = models[id], !entry.isExpired(at: now) else { return nil }
        return entry
    }

    mutating func insert(
        _ model: NewModel,
        expiry: Expiry,
        limits: MemoryCollection.Limits,
        now: Timestamp
    ) throws(ModelError) -> InsertOutcome {
        sweep(now: now)
        if let entry = live(model.id, now: now) {
            guard let revision = entry.revision(writtenBy: model.operation) else {
                return .exists(entry.model(id: model.id, now: now))
            }
            return .inserted(entry.commit(revision: revision, now: now))
        }
        sequence += 1
        let entry = MemoryEntry(model, expiry: expiry, sequence: sequence, now: now)
        try limits.check(entry.fields)
        models[model.id] = nil
        try makeRoom(limits, now: now)
        models[model.id] = entry
        order.append(model.id, sequence: sequence)
        if let index = models.index(forKey: model.id) { schedule(index) }
        return .inserted(entry.commit(now: now))
    }

    mutating func commit(
        _ change: Change,
        to id: ModelID,
        limits: MemoryCollection.Limits,
        now: Timestamp
    ) throws(ModelError) -> CommitOutcome {
        sweep(now: now)
        guard let index = models.index(forKey: id), !models.values[index].isExpired(at: now) else { return .gone }
        let entry = models.values[index]
        if let revision = entry.revision(writtenBy: change.operation) {
            let values = change.operations.compactMap { name, operation in
                operation.makesValue ? entry.fields[name] : nil
            }
            return .committed(entry.commit(revision: revision, values: values, now: now))
        }
        guard entry.satisfies(change.expecting) else { return .conflict(entry.model(id: id, now: now)) }
        var values: [Field] = []
        if !change.operations.isEmpty {
            let applied = try entry.fields.applying(change.operations, revision: entry.revision + 1)
            try limits.check(applied.fields)
            values = applied.values
            models.values[index].write(applied.fields, by: change.operation, now: now)
        }
        models.values[index].renew(change.renewal, now: now)
        let commit = models.values[index].commit(values: values, now: now)
        schedule(index)
        return .committed(commit)
    }

    mutating func touch(_ id: ModelID, expiry: Expiry?, now: Timestamp) -> Lifetime? {
        sweep(now: now)
        guard let index = models.index(forKey: id), !models.values[index].isExpired(at: now) else { return nil }
        models.values[index].renew(expiry.map(Change.Renewal.replace) ?? .touch, now: now)
        let lifetime = models.values[index].lifetime(now: now)
        schedule(index)
        return lifetime
    }

    /// The models that made room for others since the last call.
    mutating func takeEvicted() -> [ModelID] {
        guard !evicted.isEmpty else { return [] }
        defer { evicted = [] }
        return evicted
    }

    mutating func remove(_ id: ModelID, now: Timestamp) -> Bool {
        sweep(now: now)
        let wasLive = live(id, now: now) != nil
        models[id] = nil
        tidy()
        return wasLive
    }
}

extension MemoryState {
    /// Removes a few expired models.
    private mutating func sweep(now: Timestamp) {
        for _ in 0..<Self.sweepStep {
            guard let first = deadlines.first, first.deadline <= now else { return }
            settleFirst(now: now)
        }
    }

    /// Takes the soonest entry out of the queue: removes its model if that has expired, or queues the deadline it
    /// has now.
    private mutating func settleFirst(now: Timestamp) {
        guard let entry = deadlines.removeFirst(), let index = models.index(forKey: entry.id) else { return }
        let model = models.values[index]
        guard model.sequence == entry.sequence, model.queuedDeadline == entry.deadline
        else { return }
        if model.isExpired(at: now) {
            models[entry.id] = nil
            tidy()
        } else {
            models.values[index].queuedDeadline = nil
            schedule(index)
        }
    }

    /// Makes sure that the queue knows a deadline for the model that is not later than its own.
    private mutating func schedule(_ index: Dictionary<ModelID, MemoryEntry>.Index) {
        guard let deadline = models.values[index].deadline else { return }
        if let queued = models.values[index].queuedDeadline, queued <= deadline { return }
        models.values[index].queuedDeadline = deadline
        let sequence = models.values[index].sequence
        deadlines.insert(DeadlineQueue.Entry(deadline: deadline, id: models[index].key, sequence: sequence))
        tidy()
    }

    /// Makes the queue and the listing anew when most of their entries stand for nothing any more.
    private mutating func tidy() {
        let allowed = 2 * models.count + Self.slack
        if deadlines.count > allowed {
            var entries: [DeadlineQueue.Entry] = []
            entries.reserveCapacity(models.count)
            for index in models.indices {
                models.values[index].queuedDeadline = models.values[index].deadline
                guard let deadline = models.values[index].deadline else { continue }
                entries.append(
                    DeadlineQueue.Entry(
                        deadline: deadline,
                        id: models[index].key,
                        sequence: models.values[index].sequence
                    )
                )
            }
            deadlines = DeadlineQueue(entries)
        }
        if order.count > allowed {
            order.removeAll { [models] id, sequence in models[id]?.sequence != sequence }
        }
    }

    /// Makes sure that one more model fits.
    private mutating func makeRoom(_ limits: MemoryCollection.Limits, now: Timestamp) throws(ModelError) {
        while models.count >= limits.maximumModels {
            guard let first = deadlines.first, first.deadline <= now || limits.whenFull == .evictSoonestToExpire else {
                throw limits.full
            }
            if let model = models[first.id], model.sequence == first.sequence, model.deadline == first.deadline {
                _ = deadlines.removeFirst()
                models[first.id] = nil
                if first.deadline > now { evicted.append(first.id) }
                tidy()
            } else {
                settleFirst(now: now)
            }
        }
    }
}
