/// The models of a ``MemoryCollection`` and the operations on them, one at a time.
struct MemoryState {
    private(set) var models: [ModelID: MemoryEntry] = [:]
    var order = InsertionOrder<ModelID>()
    /// The models that made room for others since somebody last asked.
    private var evicted: [ModelID] = []
    private var deadlines = MemoryDeadlines()
    /// The ids that an owner has or has reserved, of models that are there or not.
    private var owned: Set<ModelID> = []
    /// Whether somebody was told that the collection is nearly full.
    private var isNearlyFull = false
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
        guard let entry = models[id], !entry.head.isExpired(at: now) else { return nil }
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
            guard model.isRepeated, try entry.log.holdsInsertion(by: model.operation, newest: entry.head.revision)
            else {
                return .exists(entry.model(id: model.id, now: now))
            }
            return .inserted(entry.head.commit(revision: 1, now: now))
        }
        sequence += 1
        let entry = MemoryEntry(model, expiry: expiry, sequence: sequence, now: now)
        try limits.check(entry.fields)
        models[model.id] = nil
        try makeRoom(limits, now: now)
        models[model.id] = entry
        order.append(model.id, sequence: sequence)
        schedule(entry, model.id)
        return .inserted(entry.head.commit(now: now))
    }

    mutating func commit(
        _ change: Change,
        to id: ModelID,
        limits: MemoryCollection.Limits,
        now: Timestamp
    ) throws(ModelError) -> CommitOutcome {
        sweep(now: now)
        guard let entry = live(id, now: now) else { return .gone }
        if let revision = try entry.log.revision(writtenBy: change, newest: entry.head.revision) {
            let values = change.operations.compactMap { change in
                change.operation.makesValue ? entry.fields[change.name] : nil
            }
            return .committed(entry.head.commit(revision: revision, values: values, now: now))
        }
        guard entry.satisfies(change.expecting) else { return .conflict(entry.model(id: id, now: now)) }
        var head = entry.head
        var values: [Field] = []
        if !change.operations.isEmpty {
            let applied = try entry.fields.applying(change.operations, revision: head.revision + 1, detaches: true)
            try limits.check(applied.fields)
            try head.write(now: now)
            values = applied.values
            entry.fields = applied.fields
            entry.log.append(change.operation)
        }
        head.renew(change.renewal, now: now)
        entry.head = head
        schedule(entry, id)
        return .committed(head.commit(values: values, now: now))
    }

    /// The models that made room for others since the last call.
    mutating func takeEvicted() -> [ModelID] {
        guard !evicted.isEmpty else { return [] }
        defer { evicted = [] }
        return evicted
    }

    /// Whether there are nearly as many models as allowed and nobody was told yet.
    mutating func takesNotice(of limits: MemoryCollection.Limits) -> Bool {
        guard models.count >= limits.nearlyFull else {
            if models.count < limits.maximumModels - limits.maximumModels / 5 { isNearlyFull = false }
            return false
        }
        defer { isNearlyFull = true }
        return !isNearlyFull
    }

    /// Records whether an owner has or has reserved a model.
    mutating func setOwned(_ isOwned: Bool, _ id: ModelID) {
        if isOwned { owned.insert(id) } else { owned.remove(id) }
        guard let entry = models[id], entry.queuedDeadline != nil else { return }
        // The entry in the other queue stands for nothing any more.
        entry.queuedDeadline = nil
        schedule(entry, id)
    }

    mutating func remove(_ id: ModelID, expecting: Change.Expectation, now: Timestamp) -> RemoveOutcome {
        sweep(now: now)
        let entry = live(id, now: now)
        if let entry, !entry.satisfies(expecting) { return .conflict(entry.model(id: id, now: now)) }
        models[id] = nil
        tidy()
        return entry == nil ? .gone : .removed(.confirmed)
    }
}

extension MemoryState {
    /// Removes a few expired models.
    private mutating func sweep(now: Timestamp) {
        for _ in 0..<Self.sweepStep {
            guard let first = deadlines.first, first.deadline <= now else { return }
            settle(deadlines.isFirstOwned, now: now)
        }
    }

    /// Takes the soonest entry out of a queue: removes its model if that has expired, or queues the deadline it has
    /// now.
    private mutating func settle(_ isOwned: Bool, now: Timestamp) {
        guard let first = deadlines.removeFirst(isOwned), let entry = model(first, isOwned) else { return }
        if entry.head.isExpired(at: now) {
            models[first.id] = nil
            tidy()
        } else {
            entry.queuedDeadline = nil
            schedule(entry, first.id)
        }
    }

    /// The model that an entry of a queue stands for, if it still does.
    private func model(_ queued: DeadlineQueue.Entry, _ isOwned: Bool) -> MemoryEntry? {
        guard let entry = models[queued.id], owned.contains(queued.id) == isOwned,
            entry.sequence == queued.sequence, entry.queuedDeadline == queued.deadline
        else { return nil }
        return entry
    }

    /// Makes sure that a queue knows a deadline for the model that is not later than its own.
    private mutating func schedule(_ entry: MemoryEntry, _ id: ModelID) {
        guard let deadline = entry.head.deadline else { return }
        if let queued = entry.queuedDeadline, queued <= deadline { return }
        entry.queuedDeadline = deadline
        let queued = DeadlineQueue.Entry(deadline: deadline, id: id, sequence: entry.sequence)
        deadlines.insert(queued, isOwned: owned.contains(id))
        tidy()
    }

    /// Makes the queues and the listing anew when most of their entries stand for nothing any more.
    private mutating func tidy() {
        let allowed = 2 * models.count + Self.slack
        if deadlines.count > allowed {
            var entries: [Bool: [DeadlineQueue.Entry]] = [:]
            for (id, entry) in models {
                entry.queuedDeadline = entry.head.deadline
                guard let deadline = entry.head.deadline else { continue }
                entries[owned.contains(id), default: []].append(
                    DeadlineQueue.Entry(deadline: deadline, id: id, sequence: entry.sequence))
            }
            deadlines = MemoryDeadlines(owned: entries[true] ?? [], unowned: entries[false] ?? [])
        }
        if order.count > allowed {
            order.removeAll { [models] id, sequence in models[id]?.sequence != sequence }
        }
    }

    /// Makes sure that one more model fits.
    private mutating func makeRoom(_ limits: MemoryCollection.Limits, now: Timestamp) throws(ModelError) {
        while models.count >= limits.maximumModels {
            guard let isOwned = deadlines.evictable(limits.whenFull, now: now),
                let first = deadlines.first(isOwned)
            else { throw limits.full }
            if let entry = model(first, isOwned), entry.head.deadline == first.deadline {
                _ = deadlines.removeFirst(isOwned)
                models[first.id] = nil
                if first.deadline > now { evicted.append(first.id) }
                tidy()
            } else {
                settle(isOwned, now: now)
            }
        }
    }
}
