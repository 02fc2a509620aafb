import FoundationEssentials
import GRDB

/// The file of a ``SQLitePersist``: one table.
struct PersistFile: Sendable {
    /// A value, and the milliseconds that it lives on.
    struct Entry: Sendable {
        let value: Data
        let rest: Int64?
    }

    let pool: DatabasePool
    private let now: @Sendable () -> Int64

    /// "SESP" in ASCII.
    private static let applicationID = 0x5345_5350
    private static let version = 1
    private static let entriesPerSweep = 500

    init(path: String, now: @escaping @Sendable () -> Int64) throws {
        // SQLite would make a file that others can read.
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        var configuration = Configuration()
        configuration.label = "PersistSQLite"
        configuration.busyMode = .timeout(5)
        // Before the pool turns the write-ahead log on: a file that isn't ours stays as it is.
        try DatabaseQueue(path: path, configuration: configuration).read(Self.check)
        configuration.prepareDatabase { db in
            if !db.configuration.readonly { try db.execute(sql: "PRAGMA synchronous = FULL") }
        }
        pool = try DatabasePool(path: path, configuration: configuration)
        self.now = now
        try pool.write { db in
            try Self.check(db)
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS persist (
                        key TEXT NOT NULL PRIMARY KEY,
                        value BLOB NOT NULL,
                        expires INTEGER
                    ) STRICT, WITHOUT ROWID;
                    CREATE INDEX IF NOT EXISTS persist_expires ON persist (expires) WHERE expires IS NOT NULL;
                    PRAGMA application_id = \(Self.applicationID);
                    PRAGMA user_version = \(Self.version);
                    """)
        }
    }

    /// Refuses a file that is another program's, or of a newer version.
    private static func check(_ db: Database) throws {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == applicationID {
            guard version <= Self.version else { throw SQLitePersistError.newerFile(version: version) }
            return
        }
        let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        guard application == 0, version == 0, objects == 0 else { throw SQLitePersistError.foreignFile }
    }

    /// Inserts a value where the key has none that lives.
    ///
    /// - Returns: Whether it did.
    func insert(_ key: String, _ value: Data, lifetime: Duration?) async throws -> Bool {
        try await pool.write { [now] db in
            let time = now()
            try db.execute(
                sql: """
                    INSERT INTO persist (key, value, expires) VALUES (?, ?, ?)
                    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires
                    WHERE persist.expires <= ?
                    """,
                arguments: [key, value, Self.deadline(lifetime, from: time), time])
            return db.changesCount > 0
        }
    }

    /// Writes a value. Without a lifetime it gets what is left to the one before.
    func set(_ key: String, _ value: Data, lifetime: Duration?) async throws {
        try await pool.write { [now] db in
            let time = now()
            let deadline = Self.deadline(lifetime, from: time)
            try db.execute(
                sql: """
                    INSERT INTO persist (key, value, expires) VALUES (?1, ?2, ?3)
                    ON CONFLICT (key) DO UPDATE SET value = ?2, expires =
                        CASE WHEN ?3 IS NULL AND persist.expires > ?4 THEN persist.expires ELSE ?3 END
                    """,
                arguments: [key, value, deadline, time])
        }
    }

    func entry(_ key: String) async throws -> Entry? {
        try await pool.read { [now] db in
            let time = now()
            let row = try Row.fetchOne(
                db, sql: "SELECT value, expires FROM persist WHERE key = ? AND (expires IS NULL OR expires > ?)",
                arguments: [key, time])
            return row.map { row in
                let expires: Int64? = row["expires"]
                return Entry(value: row["value"], rest: expires.map { $0 - time })
            }
        }
    }

    func remove(_ key: String) async throws {
        try await pool.write { db in try db.execute(sql: "DELETE FROM persist WHERE key = ?", arguments: [key]) }
    }

    /// Removes expired values, in steps between which others write.
    func sweep() async throws {
        var count = Self.entriesPerSweep
        while count == Self.entriesPerSweep {
            count = try await pool.write { [now] db in
                try db.execute(
                    sql: """
                        DELETE FROM persist WHERE key IN (SELECT key FROM persist WHERE expires <= ? LIMIT ?)
                        """,
                    arguments: [now(), Self.entriesPerSweep])
                return db.changesCount
            }
        }
    }

    func close() throws {
        try pool.close()
    }

    /// The instant at which a value expires; one that is a thousand years away counts as that.
    private static func deadline(_ lifetime: Duration?, from now: Int64) -> Int64? {
        lifetime.map { lifetime in
            let (seconds, attoseconds) = lifetime.components
            let bounded = min(max(seconds, 0), 31_556_952_000)
            return now + bounded * 1000 + (bounded == seconds ? attoseconds / 1_000_000_000_000_000 : 0)
        }
    }
}
