import Configuration
import HiredisClientConfiguration
import Modeler
import ModelerSQLiteConfiguration
import SessConfiguration

/// The demo's settings: its options, and the environment for what they leave open.
enum DemoConfiguration {
    /// Reads an option before the environment.
    static func reader(flags: [String: String]) -> ConfigReader {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, value) in flags { values[AbsoluteConfigKey(ConfigKey(key))] = .init(.string(value), isSecret: false) }
        return ConfigReader(providers: [
            InMemoryProvider(name: "options", values: values), EnvironmentVariablesProvider(),
        ])
    }

    /// Prints each setting with its value, or with its default, and hides what is secret.
    ///
    /// - Throws: `ConfigurationError` for a setting that the demo would refuse.
    static func printReport(flags: [String: String]) throws {
        let config = reader(flags: flags)
        _ = try SessionOptions(config: config)
        let redis = try RedisConfiguration(config: config)
        let keys =
            SessionOptions.configurationKeys + RedisConfiguration.configurationKeys + SQLiteFile.configurationKeys
            + MemoryCollection.Limits.configurationKeys
        StandardOutput.writeLine(try ConfigurationReport(of: keys, in: config).description)
        StandardOutput.writeLine("# Redis is \(redis)")
    }
}
