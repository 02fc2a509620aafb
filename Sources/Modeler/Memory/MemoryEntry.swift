/// A model as memory holds it: shared, so that finding it and changing it copies nothing.
///
/// `@unchecked Sendable`: only ``MemoryState`` has it, which one thread at a time uses.
final class MemoryEntry: @unchecked Sendable {
    var head: RecordHead
    var fields: Fields
    /// The ids of the last writes.
    var log = OperationLog()
    /// Counts insertions: the model's place in the listing, and what tells it from an earlier one of the same id.
    let sequence: Int
    /// The deadline of the entry in the queue that stands for this model; never later than its own.
    var queuedDeadline: Timestamp?

    init(_ model: NewModel, expiry: Expiry, sequence: Int, now: Timestamp) {
        self.head = RecordHead(expiry: expiry, now: now)
        self.fields = Fields(model.fields.map { Field(name: $0.name, value: $0.value.detached, revision: 1) })
        self.sequence = sequence
        log.append(model.operation)
    }

    func satisfies(_ expectation: Change.Expectation) -> Bool {
        head.satisfies(expectation) { fields.revision(of: $0) }
    }

    func model(id: ModelID, now: Timestamp) -> Model {
        head.model(id: id, fields: fields, now: now)
    }
}
