public import Configuration
public import ConfigurationKeys
public import HiredisClient

extension RedisConfiguration {
    /// Reads a configuration from the keys under `redis`: with the provider of environment variables `REDIS_URL`,
    /// `REDIS_TLS_CA_FILE`, `REDIS_SENTINEL_NODES`… Which source counts before which is the reader's order of
    /// providers.
    ///
    /// ``swift
    /// let config = ConfigReader(provider: EnvironmentVariablesProvider())
    /// let redis = try RedisConfiguration(config: config)
    /// ``
    ///
    /// For a second Redis scope the reader: `config.scoped(to: "cache")` reads `CACHE_REDIS_URL`. Keys that nobody
    /// knows are not noticed, since a reader can't list its keys.
    ///
    /// - Throws: `ConfigurationError` for a value that hasn't its key's form, and for values that contradict each
    ///   other.
    ///   It names the key and never shows a value.
    public init(config: ConfigReader) throws(ConfigurationError) {
        var place = RedisPlace()
        let hasURL = try !RedisPlace.table.read(config, into: &place).isEmpty
        let base = try place.configuration()
        var settings = RedisSettings(configuration: base)
        let given = try RedisSettings.table.read(config, into: &settings)
        let resolver = RedisSettingsResolver(base: base, hasURL: hasURL, settings: settings, given: given)
        let configuration = try resolver.configuration()
        do throws(RedisConfigurationError) {
            try configuration.check()
        } catch {
            throw ConfigurationError(key: "redis", error.message)
        }
        self = configuration
    }

    /// The keys that `init(config:)` reads, for reports and documentation.
    public static var configurationKeys: [ConfigurationKey] { RedisPlace.table.keys + RedisSettings.table.keys }
}
