import Modeler

/// A row of the table `model` as a writer needs it.
struct ModelEntry: Sendable {
    var head: ModelRow
    /// When the sweep looks at the model next.
    var sweep: Timestamp?
    /// The bytes of all the fields' names and values.
    var size: Int
    var operations: OperationLog

    /// The revision that an operation wrote, if it is among the last ones.
    func revision(writtenBy operation: OperationID) -> Revision? {
        operations.revision(writtenBy: operation, newest: head.revision)
    }

    /// Notes a write.
    mutating func write(_ size: Int, by operation: OperationID, now: Timestamp) {
        head.revision += 1
        head.updated = max(head.updated, now)
        self.size = size
        operations.append(operation)
    }
}

extension ModelEntry {
    /// The row of a new model; it gets its `seq` when it is inserted.
    init(_ model: NewModel, expiry: Expiry, size: Int, now: Timestamp) {
        let expiry = expiry.wholeMilliseconds
        head = ModelRow(
            seq: 0,
            revision: 1,
            created: now,
            updated: now,
            expiry: expiry,
            expires: Lifetime.deadline(expiry, created: now, now: now)
        )
        sweep = nil
        self.size = size
        operations = OperationLog()
        operations.append(model.operation)
    }
}
