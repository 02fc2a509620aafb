import GRDB
import Modeler

/// What is known of the owners of one collection's models, in the tables `place` and `epoch` of a file.
struct OwnerTable: Sendable {
    let collection: String

    /// What is known of an owner. Entries that are past are left out.
    func index(of owner: OwnerID, _ db: Database, now: Timestamp) throws -> OwnerIndex {
        let epochs = try db.cachedStatement(
            sql: "SELECT epoch FROM epoch WHERE collection = ? AND owner = CAST(? AS TEXT)"
        )
        let epoch = try Int64.fetchOne(epochs, arguments: [collection, owner.rawValue.sqliteBytes]) ?? 0
        guard (0...RecordHead.largestNumber).contains(epoch) else { throw ModelError.damagedRow }
        let places = try db.cachedStatement(
            sql: """
                SELECT id, standing, deadline FROM place
                WHERE collection = ? AND owner = CAST(? AS TEXT) AND (deadline IS NULL OR deadline > ?)
                """
        )
        var entries: [ModelID: OwnerIndex.Entry] = [:]
        let arguments: StatementArguments = [collection, owner.rawValue.sqliteBytes, now.milliseconds]
        let rows = try Row.fetchCursor(places, arguments: arguments)
        while let row = try rows.next() {
            guard let text = try row.bytes(1),
                let standing = OwnerIndex.Standing(rawValue: String(decoding: text, as: UTF8.self))
            else { throw ModelError.damagedRow }
            entries[try row.modelID(0)] = OwnerIndex.Entry(
                standing: standing,
                deadline: try row.integer(2).map { Timestamp(milliseconds: $0) }
            )
        }
        return OwnerIndex(epoch: Int(epoch), entries: entries)
    }

    /// Owners that have a place, in the order of their bytes.
    func owners(after owner: OwnerID?, limit: Int, _ db: Database) throws -> [OwnerID] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT DISTINCT owner FROM place WHERE collection = ? AND owner > CAST(? AS TEXT)
                ORDER BY owner LIMIT ?
                """
        )
        // No owner's text is empty.
        let after = (owner?.rawValue ?? "").sqliteBytes
        var found: [OwnerID] = []
        let rows = try Row.fetchCursor(statement, arguments: [collection, after, limit])
        while let row = try rows.next() {
            guard let text = try row.bytes(0), let owner = try? OwnerID(String(decoding: text, as: UTF8.self)) else {
                throw ModelError.damagedRow
            }
            found.append(owner)
        }
        return found
    }

    /// Runs a function on what is known of an owner, and writes what it has changed.
    func change<Result>(
        _ owner: OwnerID,
        _ db: Database,
        now: Timestamp,
        _ body: (inout OwnerIndex) -> Result
    ) throws -> Result {
        let before = try index(of: owner, db, now: now)
        var after = before
        let result = body(&after)
        for (id, entry) in after.entries where before.entries[id] != entry { try write(id, entry, of: owner, db) }
        for id in before.entries.keys where after.entries[id] == nil { try remove(id, of: owner, db) }
        if after.epoch != before.epoch { try write(after.epoch, of: owner, db) }
        return result
    }

    private func write(_ id: ModelID, _ entry: OwnerIndex.Entry, of owner: OwnerID, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO place (collection, owner, id, standing, deadline) VALUES (?, CAST(? AS TEXT), ?, ?, ?)
                ON CONFLICT (collection, owner, id)
                DO UPDATE SET standing = excluded.standing, deadline = excluded.deadline
                """
        ).execute(arguments: [
            collection, owner.rawValue.sqliteBytes, id.rawValue, entry.standing.rawValue, entry.deadline?.milliseconds,
        ])
    }

    private func remove(_ id: ModelID, of owner: OwnerID, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM place WHERE collection = ? AND owner = CAST(? AS TEXT) AND id = ?")
            .execute(arguments: [collection, owner.rawValue.sqliteBytes, id.rawValue])
    }

    private func write(_ epoch: OwnerEpoch, of owner: OwnerID, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO epoch (collection, owner, epoch) VALUES (?, CAST(? AS TEXT), ?)
                ON CONFLICT (collection, owner) DO UPDATE SET epoch = excluded.epoch
                """
        ).execute(arguments: [collection, owner.rawValue.sqliteBytes, epoch])
    }
}
