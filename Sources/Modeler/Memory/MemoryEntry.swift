/// A model as memory holds it.
struct MemoryEntry {
    var revision: Revision
    var created: Timestamp
    var updated: Timestamp
    var fields: Fields
    var expiry: Expiry
    var deadline: Timestamp?
    /// Counts insertions: the model's place in the listing, and what tells it from an earlier one of the same id.
    let sequence: Int
    /// The deadline of the entry in the queue that stands for this model; never later than `deadline`.
    var queuedDeadline: Timestamp?
    private var writes: [(operation: OperationID, revision: Revision)] = []

    /// The writes whose repetition is recognized.
    static let rememberedWrites = 32

    init(_ model: NewModel, expiry: Expiry, sequence: Int, now: Timestamp) {
        self.revision = 1
        self.created = now
        self.updated = now
        self.fields = Fields(model.fields.map { Field(name: $0.name, value: $0.value.detached, revision: 1) })
        self.expiry = expiry
        self.deadline = Lifetime.deadline(expiry, created: now, now: now)
        self.sequence = sequence
        remember(model.operation)
    }

    func isExpired(at now: Timestamp) -> Bool {
        deadline.map { $0 <= now } ?? false
    }

    /// The revision that an operation wrote, if it is among the remembered ones.
    func revision(writtenBy operation: OperationID) -> Revision? {
        writes.last { $0.operation == operation }?.revision
    }

    /// Applies a write.
    mutating func write(_ fields: Fields, by operation: OperationID, now: Timestamp) {
        self.fields = fields
        revision += 1
        updated = max(updated, now)
        remember(operation)
    }

    /// Takes note of the operation that wrote the current revision.
    private mutating func remember(_ operation: OperationID) {
        if writes.count == Self.rememberedWrites { writes.removeFirst() }
        writes.append((operation, revision))
    }

    mutating func renew(_ renewal: Change.Renewal, now: Timestamp) {
        switch renewal {
        case .keep: return
        case .touch: break
        case .replace(let limits): expiry = limits
        }
        deadline = Lifetime.deadline(expiry, created: created, now: now)
    }

    func satisfies(_ expectation: Change.Expectation) -> Bool {
        switch expectation {
        case .nothing: true
        case .revision(let revision): self.revision == revision
        case .fields(let expected): expected.allSatisfy { fields.revision(of: $0.name) == $0.revision }
        }
    }

    func lifetime(now: Timestamp) -> Lifetime {
        Lifetime(expiry: expiry, expires: deadline, now: now)
    }

    func model(id: ModelID, now: Timestamp) -> Model {
        Model(
            id: id,
            revision: revision,
            created: created,
            updated: updated,
            fields: fields,
            lifetime: lifetime(now: now)
        )
    }

    /// The answer to a write, by default to the latest.
    func commit(
        revision: Revision? = nil,
        values: [Field] = [],
        now: Timestamp
    ) -> Commit {
        Commit(
            revision: revision ?? self.revision,
            created: created,
            updated: updated,
            lifetime: lifetime(now: now),
            values: values
        )
    }
}
