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

    private static let readerCount = 2

    /// The longest that one attempt at the write lock waits; whoever wants it longer tries again.
    private static let lockWait = Duration.milliseconds(100)

    /// Opens a file after making sure that it is this library's or new.
    static func open(_ path: String, settings: SQLiteSettings) throws(ModelError) -> FileConnections {
        guard !path.isEmpty, !path.hasPrefix(":"), !path.hasPrefix("file:"), !path.utf8.contains(0) else {
            throw ModelError(.misconfigured, "the path of a SQLite file names a file on the disk")
        }
        try create(path)
        let deadline = ContinuousClock.now + settings.timeout
        while true {
            do {
                return try connect(path, settings: settings)
            } catch  where error.isBusy && ContinuousClock.now < deadline {
                // Another process is making or recovering the file; SQLite doesn't wait for that by itself.
                pause()
            } catch {
                throw failure(error, path)
            }
        }
    }

    private static func connect(_ path: String, settings: SQLiteSettings) throws -> FileConnections {
        let writer = try DatabaseQueue(path: path, configuration: writerConfiguration)
        try writer.writeWithoutTransaction { db in
            try setUp(db, settings)
            try Schema.migrate(db)
        }
        let readers = try (0..<readerCount).map { _ in
            try DatabaseQueue(path: path, configuration: readerConfiguration(settings))
        }
        return FileConnections(writer: writer, readers: readers)
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

    private static let creation = Guarded(())

    /// Makes an empty file that only its owner can read, where there is none.
    private static func create(_ path: String) throws(ModelError) {
        // One at a time: closing a descriptor of a file drops every lock that this process holds on it, so the
        // descriptor must be gone before anybody else here can open the file.
        let problem: CInt = creation.withLock { _ in
            #if canImport(Darwin)
            let descriptor = Darwin.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
            #elseif canImport(Musl)
            let descriptor = Musl.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
            #else
            let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
            #endif
            guard descriptor >= 0 else { return errno }
            _ = fchmod(descriptor, 0o600)
            _ = Self.closeDescriptor(descriptor)
            return 0
        }
        guard problem != 0, problem != EEXIST else { return }
        throw ModelError(.misconfigured, "\(path) can't be created: \(String(cString: strerror(problem)))")
    }

    private static func closeDescriptor(_ descriptor: CInt) -> CInt { close(descriptor) }

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
