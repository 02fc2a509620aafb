import GRDB
import Modeler

/// The tables of the file, and how older ones become them.
///
/// A file names itself: `PRAGMA application_id` is ``applicationID``, `PRAGMA user_version` the number of migrations
/// that it has seen.
///
/// | table | content |
/// |---|---|
/// | `model` | a row for each model; `seq` is its place in the order of insertion. Times are in ms since 1970, limits in ms. `operations` has the last writes' ids, 6 characters each, the newest last, which has the current revision. `sweep` is when the sweep looks at the model next, never after `expires`; it saves the index a write each time a deadline moves |
/// | `field` | a row for each field of a model: name, the revision that wrote it, JSON text |
/// | `place` | a row for each model that an owner has, is about to have, or has lost: `standing` says which; times are in ms since 1970 |
/// | `epoch` | a row for each owner all of whose models were ever revoked, for as long as that matters |
/// | `models`, `fields`, `owners` | views of them for people with the `sqlite3` shell |
enum Schema {
    /// "SESS" in ASCII.
    static let applicationID: Int64 = 0x5345_5353

    /// Each takes a file from the version that is its index to the next; `user_version` counts them. New ones are
    /// added at the end; none is ever changed.
    static let migrations = [createTables, createOwners]

    private static let createTables = """
        CREATE TABLE model (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            collection TEXT NOT NULL,
            id TEXT NOT NULL,
            revision INTEGER NOT NULL,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            idle INTEGER,
            absolute INTEGER,
            expires INTEGER,
            sweep INTEGER,
            size INTEGER NOT NULL,
            operations TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX model_id ON model (collection, id);
        CREATE INDEX model_order ON model (collection, seq);
        CREATE INDEX model_sweep ON model (sweep) WHERE sweep IS NOT NULL;
        CREATE TABLE field (
            model INTEGER NOT NULL,
            name TEXT NOT NULL,
            revision INTEGER NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (model, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER model_removed AFTER DELETE ON model BEGIN
            DELETE FROM field WHERE model = OLD.seq;
        END;
        CREATE VIEW fields AS
            SELECT model.collection, model.id, field.name, field.revision, field.value
            FROM field JOIN model ON model.seq = field.model;
        CREATE VIEW models AS
            SELECT
                collection, id, revision,
                strftime('%Y-%m-%d %H:%M:%f', created / 1000.0, 'unixepoch') AS created,
                strftime('%Y-%m-%d %H:%M:%f', updated / 1000.0, 'unixepoch') AS updated,
                strftime('%Y-%m-%d %H:%M:%f', expires / 1000.0, 'unixepoch') AS expires,
                (
                    SELECT json_group_object(name, iif(json_valid(value), json(value), value))
                    FROM field WHERE field.model = model.seq
                ) AS fields
            FROM model ORDER BY seq;
        """

    private static let createOwners = """
        CREATE TABLE place (
            collection TEXT NOT NULL,
            owner TEXT NOT NULL,
            id TEXT NOT NULL,
            standing TEXT NOT NULL,
            deadline INTEGER,
            PRIMARY KEY (collection, owner, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX place_deadline ON place (deadline) WHERE deadline IS NOT NULL;
        CREATE TABLE epoch (
            collection TEXT NOT NULL,
            owner TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            PRIMARY KEY (collection, owner)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX epoch_age ON epoch (epoch);
        CREATE VIEW owners AS
            SELECT
                collection, owner, id, standing,
                strftime('%Y-%m-%d %H:%M:%f', deadline / 1000.0, 'unixepoch') AS deadline
            FROM place;
        """

    /// What a file is, as far as it says of itself.
    enum Kind: Equatable {
        /// It has nothing in it.
        case empty
        /// It is one of this library's, of this version.
        case own(version: Int)
        /// It is somebody else's.
        case foreign
    }

    /// To be asked inside a transaction, as another process may be making the file.
    private static func kind(of db: Database) throws -> Kind {
        let application = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int64.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == applicationID { return .own(version: Int(clamping: version)) }
        let objects = try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        return application == 0 && version == 0 && objects == 0 ? .empty : .foreign
    }

    /// Refuses a file that this version of the library must not touch. Changes nothing.
    ///
    /// - Returns: The file's version, 0 for an empty one.
    static func check(_ db: Database) throws -> Int {
        var found = 0
        try db.inTransaction(.deferred) {
            found = try version(of: db)
            return .commit
        }
        return found
    }

    private static func version(of db: Database) throws -> Int {
        switch try kind(of: db) {
        case .empty: return 0
        case .foreign:
            throw ModelError(.misconfigured, "the file is a SQLite database, and none of this library's")
        case .own(let version) where version > migrations.count || version < 1: throw newer(version)
        case .own(let version): return version
        }
    }

    private static func newer(_ version: Int) -> ModelError {
        ModelError(
            .unreadableHere,
            "the file has version \(version); this version of the library knows \(migrations.count) and lower")
    }

    /// Refuses a file that another process has migrated beyond this version of the library. One statement.
    static func checkVersion(_ db: Database) throws {
        let statement = try db.cachedStatement(sql: "PRAGMA user_version")
        guard let version = try Int.fetchOne(statement), version > migrations.count else { return }
        throw newer(version)
    }

    /// Writes the page that has the version, and changes nothing.
    static func writeVersion(_ db: Database) throws {
        try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
    }

    /// Brings the file to the version of now, in one transaction: whole, or not at all.
    static func migrate(_ db: Database, by migrations: [String] = migrations) throws {
        guard try check(db) < migrations.count else { return }
        try db.inTransaction(.immediate) {
            // Once more under the lock: another process may have been faster.
            let version = try version(of: db)
            guard version < migrations.count else { return .rollback }
            for migration in migrations.dropFirst(version) { try db.execute(sql: migration) }
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(migrations.count)")
            return .commit
        }
    }
}
