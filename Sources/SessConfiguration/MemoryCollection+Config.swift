public import Configuration
public import ConfigurationKeys
public import Modeler

extension MemoryCollection.Limits {
    /// Reads limits from the keys under `memory`.
    ///
    /// - Throws: `ConfigurationError` for a value that hasn't its key's form. It names the key and never shows a
    ///   value.
    public init(config: ConfigReader) throws(ConfigurationError) {
        self.init()
        _ = try Self.table.read(config, into: &self)
    }

    /// The keys that `init(config:)` reads, for reports and documentation.
    public static var configurationKeys: [ConfigurationKey] { table.keys }

    static let table = KeyTable<MemoryCollection.Limits>([
        .init(
            "memory.maximumModels", \.maximumModels, .number(1...Int.max), defaults: MemoryCollection.Limits(),
            "the most sessions that memory holds"),
        .init(
            "memory.maximumBytesPerModel", \.maximumBytesPerModel, .number(1...Int.max),
            defaults: MemoryCollection.Limits(), "the most bytes of one session's record"),
        .init(
            "memory.whenFull", \.whenFull,
            .choice([
                "evictUnowned": .evictUnownedSoonestToExpire, "evictAny": .evictSoonestToExpire, "refuse": .refuse,
            ]), defaults: MemoryCollection.Limits(), "what a new session does to a full memory"),
    ])
}
