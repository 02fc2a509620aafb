import FoundationEssentials
import GRDB
import Modeler

/// The models of one collection in the tables of a file.
struct ModelTable: Sendable {
    let collection: String

    /// The model of an id with its fields, or `nil` where it isn't there or has expired. One statement, so it sees
    /// one state of the file.
    func model(_ id: ModelID, _ db: Database, now: Timestamp) throws -> Model? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(ModelRow.columns), field.name, field.revision, field.value
                FROM model LEFT JOIN field ON field.model = model.seq WHERE collection = ? AND id = ?
                """
        )
        var head: RecordHead?
        var fields: [Field] = []
        let rows = try Row.fetchCursor(statement, arguments: [collection, id.rawValue])
        while let row = try rows.next() {
            if head == nil {
                let read = try ModelRow(row).head
                if read.isExpired(at: now) { return nil }
                head = read
            }
            if let field = try row.field(ModelRow.columnCount) { fields.append(field) }
        }
        return head?.model(id: id, fields: Fields(fields), now: now)
    }

    /// Whether there is a model of an id, expired or not.
    func contains(_ id: ModelID, _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT 1 FROM model WHERE collection = ? AND id = ?")
        return try Row.fetchCursor(statement, arguments: [collection, id.rawValue]).next() != nil
    }

    /// The row of an id, expired or not, with what only writers need.
    func entry(_ id: ModelID, _ db: Database) throws -> ModelEntry? {
        let statement = try db.cachedStatement(
            sql: "SELECT \(ModelRow.columns), sweep, size, operations FROM model WHERE collection = ? AND id = ?"
        )
        let rows = try Row.fetchCursor(statement, arguments: [collection, id.rawValue])
        guard let row = try rows.next() else { return nil }
        guard let size = try row.integer(ModelRow.columnCount + 1), (0...RecordHead.largestNumber).contains(size),
            let log = try row.bytes(ModelRow.columnCount + 2).flatMap(OperationLog.init(text:))
        else { throw ModelError.damagedRow }
        return ModelEntry(
            row: try ModelRow(row),
            sweep: try row.integer(ModelRow.columnCount).map { Timestamp(milliseconds: $0) },
            size: Int(size),
            log: log
        )
    }

    /// One field of a model, or `nil` where it has none of the name.
    func field(_ name: String, of seq: Int64, _ db: Database) throws -> Field? {
        let statement = try db.cachedStatement(
            sql: "SELECT name, revision, value FROM field WHERE model = ? AND name = CAST(? AS TEXT)"
        )
        let rows = try Row.fetchCursor(statement, arguments: [seq, name.sqliteBytes])
        return try rows.next()?.field(0)
    }

    /// Adds a model's row; its fields come by ``write(_:of:_:)``.
    func insert(_ id: ModelID, _ entry: inout ModelEntry, _ db: Database) throws {
        let head = entry.head
        entry.sweep = head.deadline
        try db.cachedStatement(
            sql: """
                INSERT INTO model (
                    collection, id, revision, created, updated, idle, absolute, expires, sweep, size, operations
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            collection, id.rawValue, head.revision, head.created.milliseconds, head.updated.milliseconds,
            head.expiry.idleMilliseconds, head.expiry.absoluteMilliseconds, head.deadline?.milliseconds,
            entry.sweep?.milliseconds, entry.size, entry.log.text,
        ])
        entry.row.seq = db.lastInsertedRowID
    }

    /// Writes a row back.
    func update(_ entry: ModelEntry, _ db: Database) throws {
        let head = entry.head
        try db.cachedStatement(
            sql: """
                UPDATE model
                SET revision = ?, updated = ?, idle = ?, absolute = ?, expires = ?, size = ?, operations = ?
                WHERE seq = ?
                """
        ).execute(arguments: [
            head.revision, head.updated.milliseconds, head.expiry.idleMilliseconds,
            head.expiry.absoluteMilliseconds, head.deadline?.milliseconds, entry.size, entry.log.text, entry.row.seq,
        ])
        guard let deadline = head.deadline, entry.sweep.map({ deadline < $0 }) ?? true else { return }
        try db.cachedStatement(sql: "UPDATE model SET sweep = ? WHERE seq = ?")
            .execute(arguments: [deadline.milliseconds, entry.row.seq])
    }

    /// Stores a field's value, in place of the one it has.
    func write(_ field: Field, of seq: Int64, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO field (model, name, revision, value) VALUES (?, CAST(? AS TEXT), ?, CAST(? AS TEXT))
                ON CONFLICT (model, name) DO UPDATE SET revision = excluded.revision, value = excluded.value
                """
        ).execute(arguments: [seq, field.name.sqliteBytes, field.revision, Data(field.value.bytes)])
    }

    func removeField(_ name: String, of seq: Int64, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM field WHERE model = ? AND name = CAST(? AS TEXT)")
            .execute(arguments: [seq, name.sqliteBytes])
    }

    /// Removes a model; its fields go with it.
    func remove(_ seq: Int64, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM model WHERE seq = ?").execute(arguments: [seq])
    }
}
