import Dispatch
import FoundationEssentials
import GRDB
public import Modeler

/// A SQLite file that holds the models of any number of collections.
///
/// Several processes on one machine may use a file at once; it must not lie on a network file system. A new one can be
/// read and written by its owner alone. Another program's file, one of a newer version of this library, and one that
/// is damaged are refused and left as they are; up to 64 MiB, and up to 1 GiB where there is a log beside it, all pages
/// are looked at for that when the file is opened.
///
/// A file that is removed, replaced or migrated by a newer version of the library while it is open, with its log or
/// without, is refused from then on: writes at once, reads within a tenth of a second. ``check()`` says so to a health
/// check.
///
/// All work with the disk happens on dispatch queues of the file's own, none on Swift's thread pool, but for the
/// opening. The connections close when the last collection on the file is released, or at ``close()``. A process that
/// dies instead loses nothing that was acknowledged.
public final class SQLiteFile: Sendable {
    /// Where the file is.
    public let path: String
    /// How the file is kept.
    public let settings: SQLiteSettings

    let ends = EndPoll()
    let watch: FileWatch
    private let clock: @Sendable () -> Timestamp
    private let writer: Lane
    private let readers: [Lane]
    private let upkeep = Guarded<Task<Void, Never>?>(nil)

    /// Opens a file; makes it where there is none.
    ///
    /// The calling thread waits for the disk, and, where another process is just making the file, for that one: open
    /// files when the program starts.
    ///
    /// - Parameters:
    ///   - path: Where the file is. Its directory must be there and writable, as a log lies beside the file.
    ///   - settings: How the file is kept.
    ///   - now: The clock by which models expire: by default that of the system, which all processes share. Where
    ///     it is set, models expire that much earlier or later.
    /// - Throws: `ModelError.Code.misconfigured` where the file can't be opened or is another program's,
    ///   `ModelError.Code.damaged` where it is no database, `ModelError.Code.unreadableHere` where it is of a newer
    ///   version,
    ///   `ModelError.Code.unavailable` where others hold it locked.
    public init(
        path: String,
        settings: SQLiteSettings = SQLiteSettings(),
        now: (@Sendable () -> Timestamp)? = nil
    ) throws(ModelError) {
        try settings.validate()
        let connections = try FileConnections.open(path, settings: settings)
        let clock = now ?? { Timestamp(Date()) }
        self.path = path
        self.settings = settings
        self.clock = clock
        watch = connections.watch
        let service = WriteService(watch: connections.watch) { db, writes in
            try Sweeper.sweep(db, now: clock(), limit: Sweeper.modelsPerWrite * writes)
        }
        writer = Lane(connections.writer, maximumWaiting: settings.maximumWaiting, service: service.serve)
        let reading = ReadService(watch: connections.watch)
        readers = connections.readers.map {
            Lane($0, maximumWaiting: settings.maximumWaiting, service: reading.serve)
        }
        startUpkeep()
    }

    deinit {
        upkeep.withLock { $0?.cancel() }
        ends.finish()
        // Closing a connection waits for the disk, so this thread is none for it.
        let (lanes, watch) = (readers + [writer], watch)
        DispatchQueue.global().async { Self.close(lanes, watch) }
    }

    /// Closes connections. Where the file or its log is another one by now, they stay open until the process ends: the
    /// last one to close would fold its log into a file that others have written to since.
    private static func close(_ lanes: [Lane], _ watch: FileWatch) {
        for lane in lanes {
            if watch.isInPlace {
                try? lane.connection.close()
            } else {
                _ = Unmanaged.passRetained(lane.connection)
            }
        }
    }

    /// Serves what waits, closes the connections, and folds the log into the file if no other process uses it. All
    /// later operations fail with `ModelError.Code.unavailable`.
    public func close() async {
        upkeep.withLock { $0?.cancel() }
        ends.finish()
        let lanes = readers + [writer]
        for lane in lanes { lane.close() }
        await withCheckedContinuation { [watch] continuation in
            DispatchQueue.global().async {
                Self.close(lanes, watch)
                continuation.resume()
            }
        }
    }

    /// Runs work in a transaction that is committed before this returns.
    ///
    /// - Parameter body: Gets the connection and the clock's now. It may run more than once, and throws a `ModelError`
    ///   only before it has changed anything.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database, Timestamp) throws -> Value
    ) async throws(ModelError) -> Value {
        try await perform(on: writer, writes: true, body)
    }

    /// Runs work that only reads, on the connection that has the least to do.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database, Timestamp) throws -> Value
    ) async throws(ModelError) -> Value {
        let lane = readers.dropFirst().reduce((readers[0], readers[0].load)) { best, lane in
            guard best.1 > 0 else { return best }
            let load = lane.load
            return load < best.1 ? (lane, load) : best
        }
        return try await perform(on: lane.0, writes: false, body)
    }

    /// Runs work that only reads, on the same connection every time: versions of the file are that connection's.
    func look<Value: Sendable>(
        _ body: @escaping @Sendable (Database, Timestamp) throws -> Value
    ) async throws(ModelError) -> Value {
        try await perform(on: readers[0], writes: false, body)
    }

    private func perform<Value: Sendable>(
        on lane: Lane,
        writes: Bool,
        _ body: @escaping @Sendable (Database, Timestamp) throws -> Value
    ) async throws(ModelError) -> Value {
        let call = Call(deadline: .now + settings.timeout, writes: writes) { [clock] db in try body(db, clock()) }
        return try await call.answer(on: lane).get()
    }

    /// Starts the task that sweeps and gives space back. It holds the file only while it works.
    private func startUpkeep() {
        let interval = settings.upkeepInterval
        let task = Task.detached(priority: .background) { [weak self] in
            while (try? await Task.sleep(for: interval)) != nil {
                guard let self else { return }
                await self.tidy()
            }
        }
        upkeep.withLock { $0 = task }
    }

    /// Sweeps expired models and gives free space back, in small steps between which others write. What it doesn't
    /// get done it leaves for the next time.
    func tidy() async {
        for step in [Sweeper.sweepStep, Sweeper.ownersStep, Sweeper.vacuumStep] {
            var rounds = 0
            while rounds < 1000, !Task.isCancelled, let isDone = try? await write(step), !isDone { rounds += 1 }
        }
    }
}
