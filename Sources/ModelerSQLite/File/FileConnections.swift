import Dispatch
import FoundationEssentials
import GRDB
import Modeler

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The connections to a file, one that writes and a few that read.
struct FileConnections {
    let writer: DatabaseQueue
    let readers: [DatabaseQueue]
    let watch: FileWatch

    private static let readerCount = 2

    /// The longest that one attempt at the write lock waits; whoever wants it longer tries again.
    private static let lockWait = Duration.milliseconds(100)

    /// Opens a file after making sure that it is this library's or new.
    static func open(_ path: String, settings: SQLiteSettings) throws(ModelError) -> FileConnections {
        let location = try FileLocation(path)
        try location.create()
        let deadline = ContinuousClock.now + settings.timeout
        while true {
            do {
                return try connect(location, settings: settings)
            } catch  where error.isBusy && ContinuousClock.now < deadline {
                // Another process is making or recovering the file; SQLite doesn't wait for that by itself.
                pause()
            } catch {
                throw failure(error, path)
            }
        }
    }

    private static func connect(_ location: FileLocation, settings: SQLiteSettings) throws -> FileConnections {
        let path = location.target
        let hasLog = size(of: path + "-wal") > 0
        let writer = try DatabaseQueue(path: path, configuration: writerConfiguration)
        try writer.writeWithoutTransaction { db in
            try checkContent(db, hasLog: hasLog)
            try setUp(db, settings)
            try Schema.migrate(db)
        }
        let watch = try FileWatch(location)
        let readers = try (0..<readerCount).map { _ in
            try DatabaseQueue(path: path, configuration: readerConfiguration(settings))
        }
        // Now all connections are to one file.
        try watch.checkPlace()
        return FileConnections(writer: writer, readers: readers, watch: watch)
    }

    /// The largest file whose pages are all looked at when it is opened: a fraction of a second's work.
    static let largestCheckedFile = 64 << 20

    /// The same for a file with a log beside it, as after a crash: some seconds' work. The log may be another file's.
    static let largestCheckedWithLog = 1 << 30

    /// Refuses a file, with what its log adds, whose pages don't fit together: a damaged one, or an older copy beside
    /// the log of a newer one.
    private static func checkContent(_ db: Database, hasLog: Bool) throws {
        let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
        let largest = hasLog ? largestCheckedWithLog : largestCheckedFile
        guard pages <= largest / pageSize else { return }
        guard let problem = try String.fetchOne(db, sql: "PRAGMA quick_check(1)"), problem != "ok" else { return }
        throw ModelError(
            .damaged, "the file is damaged (\(problem)); restore it from a copy, without the log beside it")
    }

    /// The bytes of a file; 0 where there is none.
    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private static var writerConfiguration: Configuration {
        var configuration = Configuration()
        configuration.label = "ModelerSQLite.writer"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .callback(Self.waiting(for: lockWait))
        // Before anything is written: a file that isn't ours stays as it is.
        configuration.prepareDatabase { db in _ = try Schema.check(db) }
        return configuration
    }

    private static func readerConfiguration(_ settings: SQLiteSettings) -> Configuration {
        var configuration = Configuration()
        configuration.label = "ModelerSQLite.reader"
        configuration.foreignKeysEnabled = false
        configuration.busyMode = .callback(Self.waiting(for: settings.timeout))
        // Not opened for reading alone: such a connection can't make the log's index when it comes first.
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA query_only = ON") }
        return configuration
    }

    private static func setUp(_ db: Database, _ settings: SQLiteSettings) throws {
        // Takes effect only before the first page is written.
        try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
        guard mode == "wal" else {
            throw ModelError(.misconfigured, "the file system of a SQLite file supports no write-ahead log")
        }
        try db.execute(sql: "PRAGMA synchronous = \(settings.durability == .full ? "FULL" : "NORMAL")")
        try db.execute(sql: "PRAGMA journal_size_limit = \(16 << 20)")
        let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
        let pages = settings.maximumFileBytes.map { $0 / pageSize } ?? Int(Int32.max)
        // A pragma with an answer, which execute(sql:) reads too.
        try db.execute(sql: "PRAGMA max_page_count = \(pages)")
    }

    /// A busy handler, for one connection, that looks often, so that processes that write at the same time take turns.
    private static func waiting(for limit: Duration) -> Database.BusyCallback {
        let start = Guarded(ContinuousClock.now)
        return { tries in
            let now = ContinuousClock.now
            let waited = start.withLock { start in
                if tries == 0 { start = now }
                return now - start
            }
            guard waited < limit else { return false }
            pause()
            return true
        }
    }

    private static func pause() {
        usleep(.random(in: 200...1000))
    }

    private static func failure(_ error: any Error, _ path: String) -> ModelError {
        let error = ModelError(sqlite: error)
        return ModelError(error.code, "\(path): \(error.message)", underlying: error.underlying ?? error)
    }
}
