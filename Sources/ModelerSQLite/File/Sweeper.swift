import GRDB
import Modeler

/// Takes expired models and free pages out of the file, a bounded number at a time.
enum Sweeper {
    /// The models looked at beside each write.
    static let modelsPerWrite = 8
    /// The models looked at in one step of the upkeep.
    static let modelsPerStep = 200
    /// The pages given back in one step of the upkeep.
    static let pagesPerStep = 256
    /// Free pages that are kept for what comes next.
    static let spareFreePages = 256

    /// Removes expired models.
    ///
    /// - Returns: The models looked at.
    @discardableResult
    static func sweep(_ db: Database, now: Timestamp, limit: Int) throws -> Int {
        let due = try db.cachedStatement(
            sql: "SELECT seq, expires FROM model WHERE sweep <= ? ORDER BY sweep LIMIT ?"
        )
        let rows = try Row.fetchAll(due, arguments: [now.milliseconds, limit])
        for row in rows {
            let seq = try row.integer(0)
            let expires = try row.integer(1)
            if let expires, expires <= now.milliseconds {
                try db.cachedStatement(sql: "DELETE FROM model WHERE seq = ?").execute(arguments: [seq])
            } else {
                try db.cachedStatement(sql: "UPDATE model SET sweep = ? WHERE seq = ?")
                    .execute(arguments: [expires, seq])
            }
        }
        return rows.count
    }

    /// Removes what no model of any owner needs any more.
    ///
    /// - Returns: The rows removed.
    @discardableResult
    static func sweepOwners(_ db: Database, now: Timestamp, limit: Int) throws -> Int {
        let places = try db.cachedStatement(
            sql: """
                DELETE FROM place WHERE (collection, owner, id) IN
                    (SELECT collection, owner, id FROM place WHERE deadline <= ? ORDER BY deadline LIMIT ?)
                """
        )
        try places.execute(arguments: [now.milliseconds, limit])
        let removed = db.changesCount
        // The epoch is the time at which it was set, at least.
        let epochs = try db.cachedStatement(
            sql: """
                DELETE FROM epoch WHERE (collection, owner) IN
                    (SELECT collection, owner FROM epoch WHERE epoch <= ? ORDER BY epoch LIMIT ?)
                """
        )
        let oldest = (now - OwnershipRetention.ofEpoch).milliseconds
        try epochs.execute(arguments: [oldest, limit])
        return removed + db.changesCount
    }

    /// A step of sweeping owners. `true` when there is no more to sweep.
    @Sendable
    static func ownersStep(_ db: Database, now: Timestamp) throws -> Bool {
        try sweepOwners(db, now: now, limit: modelsPerStep) < modelsPerStep
    }

    /// A step of sweeping models. `true` when there is no more to sweep.
    @Sendable
    static func sweepStep(_ db: Database, now: Timestamp) throws -> Bool {
        try sweep(db, now: now, limit: modelsPerStep) < modelsPerStep
    }

    /// A step of giving back free pages. `true` when there are hardly any.
    @Sendable
    static func vacuumStep(_ db: Database, now: Timestamp) throws -> Bool {
        let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
        guard free > spareFreePages else { return true }
        try db.execute(sql: "PRAGMA incremental_vacuum(\(pagesPerStep))")
        return false
    }
}
