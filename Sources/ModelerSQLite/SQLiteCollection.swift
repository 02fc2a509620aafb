public import Modeler

/// Models in a SQLite file: the embedded store, which outlives the process.
///
/// ```swift
/// let sessions = try SQLiteCollection(path: "sessions.sqlite", name: "sessions")
/// ```
///
/// Several collections may share a ``SQLiteFile``, and several processes on one machine a file. Reads never wait for
/// writes. A write is acknowledged once it would outlive what ``SQLiteSettings/durability`` says. Expired models are
/// not found any more from that instant on, by the system's clock, and are swept out of the file in small steps.
///
/// Recognizes the repetition of each of the last 10 writes of a model. An operation that is cancelled returns at once;
/// its write may have been applied. The `sqlite3` shell shows the models in the views `models` and `fields`, and
/// whose they are in `owners`.
public final class SQLiteCollection: ListingCollection, Sendable {
    public let name: String
    public let expiry: Expiry
    public let hooks: ModelHooks
    /// Where the models are.
    public let file: SQLiteFile

    let table: ModelTable
    let owners: OwnerTable

    /// A collection in a file that others may use too.
    ///
    /// - Parameters:
    ///   - file: Where the models are.
    ///   - name: What the models are; it keeps them apart from those of the file's other collections.
    ///   - expiry: The limits of a model for which none are named.
    ///   - hooks: What runs around `create`, `save`, `load` and `destroy`.
    /// - Throws: ``ModelError/Code/misconfigured`` for a name that is empty or has control characters.
    public init(
        file: SQLiteFile,
        name: String = "models",
        expiry: Expiry = .never,
        hooks: ModelHooks = ModelHooks()
    ) throws(ModelError) {
        guard !name.isEmpty, name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw ModelError(.misconfigured, "a collection's name is a text without control characters")
        }
        self.file = file
        self.name = name
        self.expiry = expiry
        self.hooks = hooks
        self.table = ModelTable(collection: name)
        self.owners = OwnerTable(collection: name)
    }

    /// A collection in a file that it opens itself.
    ///
    /// - Parameters:
    ///   - path: Where the file is; it is made where there is none.
    ///   - name: What the models are; it keeps them apart from those of the file's other collections.
    ///   - expiry: The limits of a model for which none are named.
    ///   - hooks: What runs around `create`, `save`, `load` and `destroy`.
    ///   - settings: How the file is kept, its limits included.
    ///   - now: The clock by which models expire, for tests; by default that of the system.
    /// - Throws: As ``SQLiteFile/init(path:settings:now:)``.
    public convenience init(
        path: String,
        name: String = "models",
        expiry: Expiry = .never,
        hooks: ModelHooks = ModelHooks(),
        settings: SQLiteSettings = SQLiteSettings(),
        now: (@Sendable () -> Timestamp)? = nil
    ) throws(ModelError) {
        let file = try SQLiteFile(path: path, settings: settings, now: now)
        try self.init(file: file, name: name, expiry: expiry, hooks: hooks)
    }

    func check(size: Int, id: ModelID) throws(ModelError) {
        let maximum = file.settings.maximumBytesPerModel
        guard size <= maximum else {
            throw ModelError(
                .tooLarge,
                "\(name) \(id) would have \(size) bytes; at most \(maximum) are accepted (maximumBytesPerModel)"
            )
        }
    }
}
