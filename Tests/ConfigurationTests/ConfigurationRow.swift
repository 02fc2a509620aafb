import Configuration
import ConfigurationKeys
import HiredisClient
import HiredisClientConfiguration
import Modeler
import ModelerSQLite
import ModelerSQLiteConfiguration
import Sess
import SessConfiguration
import Testing

/// What is read from some environment variables.
struct ConfigurationRow: Sendable, CustomTestStringConvertible {
    enum Expected: Sendable {
        case value(String)
        case error(key: String, message: String)
    }

    let variables: [String: String]
    let expected: Expected
    let read: @Sendable (ConfigReader) throws -> String

    var testDescription: String {
        variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.debugDescription)" }.joined(separator: " ")
    }

    var config: ConfigReader {
        ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
    }

    /// The value of one property of Redis's configuration.
    static func redis<Value>(
        _ variables: [String: String], _ value: String, _ property: @escaping @Sendable (RedisConfiguration) -> Value
    ) -> Self {
        Self(variables: variables, expected: .value(value)) { "\(property(try RedisConfiguration(config: $0)))" }
    }

    /// The value of one of the options of sessions.
    static func session<Value>(
        _ variables: [String: String], _ value: String, _ property: @escaping @Sendable (SessionOptions) -> Value
    ) -> Self {
        Self(variables: variables, expected: .value(value)) { "\(property(try SessionOptions(config: $0)))" }
    }

    /// The value of one of the settings of a SQLite file.
    static func sqlite<Value>(
        _ variables: [String: String], _ value: String, _ property: @escaping @Sendable (SQLiteSettings) -> Value
    ) -> Self {
        Self(variables: variables, expected: .value(value)) { "\(property(try SQLiteSettings(config: $0)))" }
    }

    /// The value of one of the limits of memory.
    static func memory<Value>(
        _ variables: [String: String], _ value: String,
        _ property: @escaping @Sendable (MemoryCollection.Limits) -> Value
    ) -> Self {
        Self(variables: variables, expected: .value(value)) { "\(property(try MemoryCollection.Limits(config: $0)))" }
    }

    /// An error of the configuration that the key's first component names.
    static func fails(_ variables: [String: String], _ key: String, _ message: String) -> Self {
        Self(variables: variables, expected: .error(key: key, message: message)) { config in
            switch key.prefix(while: { $0 != "." }) {
            case "redis": _ = try RedisConfiguration(config: config)
            case "session": _ = try SessionOptions(config: config)
            case "sqlite": _ = try SQLiteFile(config: config)
            default: _ = try MemoryCollection.Limits(config: config)
            }
            return "no error"
        }
    }

    /// An error for a value that hasn't its key's form.
    static func malformed(_ variables: [String: String], _ key: String, _ form: String) -> Self {
        fails(variables, key, "the value is not of the right form: \(form)")
    }
}
