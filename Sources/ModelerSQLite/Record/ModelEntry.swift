import Modeler

/// A row of the table `model` as a writer needs it.
struct ModelEntry: Sendable {
    var row: ModelRow
    /// When the sweep looks at the model next.
    var sweep: Timestamp?
    /// The bytes of all the fields' names and values.
    var size: Int
    var log: OperationLog

    var head: RecordHead {
        get { row.head }
        set { row.head = newValue }
    }
}

extension ModelEntry {
    /// The row of a new model; it gets its `seq` when it is inserted.
    init(_ model: NewModel, expiry: Expiry, size: Int, now: Timestamp) {
        row = ModelRow(head: RecordHead(expiry: expiry, now: now))
        self.size = size
        log = OperationLog()
        log.append(model.operation)
    }
}
