import GRDB
public import Modeler

extension SQLiteFile {
    /// The pages that a healthy file has room for: those of one session of 64 KiB.
    private static let leastRoom: Int64 = 20

    /// Checks that the file can be read and written, for a health check: writes a page that changes nothing.
    ///
    /// - Throws: ``ModelError/Code/unavailable`` where the file, its `-wal` or its `-shm` was removed or replaced or
    ///   the disk fails, ``ModelError/Code/full`` where the disk or the file has no room, ``ModelError/Code/damaged``
    ///   where any operation has found damage since the file was opened, ``ModelError/Code/unreadableHere`` where a
    ///   newer version of this library has migrated it, ``ModelError/Code/timeout`` where others hold it locked.
    public func check() async throws(ModelError) {
        try watch.checkDamage()
        // The reader may have other pages in its memory than the writer.
        try await read { db, _ in _ = try Int64.fetchOne(db, sql: "SELECT seq FROM model LIMIT 1") }
        try await write { db, _ in
            let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            let most = try Int64.fetchOne(db, sql: "PRAGMA max_page_count") ?? .max
            guard pages - free <= most - Self.leastRoom else {
                throw ModelError(.full, "the file has as many pages as it may have, but for \(Self.leastRoom)")
            }
            // Only what reaches the disk tells whether it has room.
            try Schema.writeVersion(db)
        }
    }
}
