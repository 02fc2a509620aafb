public import Configuration
public import ConfigurationKeys
import Modeler
public import ModelerSQLite

extension SQLiteSettings {
    /// Reads settings from the keys under `sqlite`, but for the path.
    ///
    /// - Throws: `ConfigurationError` for a value that hasn't its key's form. It names the key and never shows a
    ///   value.
    public init(config: ConfigReader) throws(ConfigurationError) {
        self.init()
        _ = try Self.table.read(config, into: &self)
    }

    static let table = KeyTable<SQLiteSettings>([
        .init(
            "sqlite.durability", \.durability, .choice(["full": .full, "normal": .normal]), defaults: SQLiteSettings(),
            "whether an acknowledged write outlives a power cut, or only the process"),
        .init("sqlite.timeout", \.timeout, wait, defaults: SQLiteSettings(), "the longest that an operation takes"),
        .init(
            "sqlite.maximumWaiting", \.maximumWaiting, .number(1...Int.max), defaults: SQLiteSettings(),
            "operations that wait for each connection"),
        .init(
            "sqlite.maximumBytesPerModel", \.maximumBytesPerModel, .number(0...Int.max), defaults: SQLiteSettings(),
            "the most bytes of one model"),
        .init(
            "sqlite.maximumFileBytes", \.maximumFileBytes, ConfigurationForm<Int>.number((1 << 20)...Int.max).orNone,
            defaults: SQLiteSettings(), "the most bytes of the file"),
        .init(
            "sqlite.upkeepInterval", \.upkeepInterval, wait, defaults: SQLiteSettings(),
            "how often expired models are swept"),
    ])

    private static let wait = ConfigurationForm.duration(.milliseconds(1)...(.seconds(3600)))
}

extension SQLiteFile {
    /// Opens the file of the key `sqlite.path`, with the settings of the other keys under `sqlite`.
    ///
    /// - Throws: `ConfigurationError` for a value that hasn't its key's form, and where there is no path; a
    ///   `ModelError`
    ///   as `SQLiteFile/init(path:settings:now:)`.
    public convenience init(config: ConfigReader) throws {
        var place = SQLitePlace()
        _ = try SQLitePlace.table.read(config, into: &place)
        guard let path = place.path else {
            throw ConfigurationError(key: "sqlite.path", "it is missing; right is a file's path")
        }
        try self.init(path: path, settings: SQLiteSettings(config: config))
    }

    /// The keys that `init(config:)` reads, for reports and documentation.
    public static var configurationKeys: [ConfigurationKey] { SQLitePlace.table.keys + SQLiteSettings.table.keys }
}

/// Where a file is.
private struct SQLitePlace: Sendable {
    var path: String?

    static let table = KeyTable<SQLitePlace>([
        .init(
            "sqlite.path", \.path, ConfigurationForm<String>.path.optional, defaults: SQLitePlace(),
            "where the file is; there is no default")
    ])
}
