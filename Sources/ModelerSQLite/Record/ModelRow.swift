import GRDB
import Modeler

/// A row of the table `model`: everything of a model but its fields.
struct ModelRow: Sendable, Equatable {
    /// The model's place in the order of insertion, and what its fields' rows name it by.
    var seq: Int64
    var head: RecordHead

    /// The columns that ``init(_:)`` reads, in its order.
    static let columns = "model.seq, model.revision, model.created, model.updated, idle, absolute, expires"
    static let columnCount = 7

    /// Makes the row of a new model; it gets its `seq` when it is inserted.
    init(head: RecordHead) {
        seq = 0
        self.head = head
    }

    /// Reads a row.
    ///
    /// - Throws: ``ModelError/Code/damaged`` where a column holds what it can't, as in a damaged file.
    init(_ row: Row) throws(ModelError) {
        guard let seq = try row.integer(0), let revision = try row.integer(1), let created = try row.integer(2),
            let updated = try row.integer(3),
            let head = RecordHead(
                revision: revision,
                created: created,
                updated: updated,
                idle: try row.integer(4),
                absolute: try row.integer(5),
                deadline: try row.integer(6)
            )
        else { throw .damagedRow }
        self.seq = seq
        self.head = head
    }
}
