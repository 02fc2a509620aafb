import GRDB
import Modeler

/// The operations that write, each inside a transaction. They throw a `ModelError` only before they change anything.
extension ModelTable {
    func insert(
        _ model: NewModel,
        expiry: Expiry,
        size: Int,
        _ db: Database,
        now: Timestamp
    ) throws -> InsertOutcome {
        let existing = try entry(model.id, db)
        if let existing, !existing.head.isExpired(at: now) {
            if model.isRepeated, try existing.log.holdsInsertion(by: model.operation, newest: existing.head.revision) {
                return .inserted(existing.head.commit(revision: 1, now: now))
            }
            return .exists(try liveModel(model.id, db, now: now))
        }
        if let existing { try remove(existing.row.seq, db) }
        var entry = ModelEntry(model, expiry: expiry, size: size, now: now)
        try insert(model.id, &entry, db)
        for (name, value) in model.fields {
            try write(Field(name: name, value: value, revision: 1), of: entry.row.seq, db)
        }
        return .inserted(entry.head.commit(now: now))
    }

    func commit(
        _ change: Change,
        to id: ModelID,
        _ db: Database,
        now: Timestamp,
        checkSize: (Int) throws(ModelError) -> Void
    ) throws -> CommitOutcome {
        guard var entry = try entry(id, db), !entry.head.isExpired(at: now) else { return .gone }
        let seq = entry.row.seq
        if let revision = try entry.log.revision(writtenBy: change, newest: entry.head.revision) {
            let values = try change.operations.compactMap { written in
                written.operation.makesValue ? try field(written.name, of: seq, db) : nil
            }
            return .committed(entry.head.commit(revision: revision, values: values, now: now))
        }
        guard try satisfies(change.expecting, entry, db) else {
            return .conflict(try liveModel(id, db, now: now))
        }
        let before = entry.head
        var values: [Field] = []
        if !change.operations.isEmpty {
            let old = Fields(try change.operations.compactMap { try field($0.name, of: seq, db) })
            let applied = try old.applying(change.operations, revision: entry.head.revision + 1)
            let size = max(0, entry.size - old.byteCount + applied.fields.byteCount)
            try checkSize(size)
            try entry.head.write(now: now)
            entry.size = size
            entry.log.append(change.operation)
            try write(change, applied.fields, of: entry.row, db)
            values = applied.values
        }
        entry.head.renew(change.renewal, now: now)
        if entry.head != before { try update(entry, db) }
        return .committed(entry.head.commit(values: values, now: now))
    }

    func remove(
        _ id: ModelID,
        expecting: Change.Expectation,
        _ db: Database,
        now: Timestamp
    ) throws -> RemoveOutcome {
        guard let entry = try entry(id, db) else { return .gone }
        let isLive = !entry.head.isExpired(at: now)
        if isLive, try !satisfies(expecting, entry, db) { return .conflict(try liveModel(id, db, now: now)) }
        try remove(entry.row.seq, db)
        return isLive ? .removed(.confirmed) : .gone
    }

    /// Brings the rows of a change's fields to what the change has made of them.
    private func write(_ change: Change, _ fields: Fields, of row: ModelRow, _ db: Database) throws {
        for entry in change.operations where entry.operation == .remove {
            try removeField(entry.name, of: row.seq, db)
        }
        for field in fields where field.revision == row.head.revision { try write(field, of: row.seq, db) }
    }

    private func satisfies(_ expectation: Change.Expectation, _ entry: ModelEntry, _ db: Database) throws -> Bool {
        try entry.head.satisfies(expectation) { name in try field(name, of: entry.row.seq, db)?.revision ?? 0 }
    }

    /// The model of an id whose row has just been read.
    private func liveModel(_ id: ModelID, _ db: Database, now: Timestamp) throws -> Model {
        guard let model = try model(id, db, now: now) else { throw ModelError.damagedRow }
        return model
    }
}
