import Configuration
import ConfigurationKeys
import HiredisClient
import HiredisClientConfiguration
import Modeler
import ModelerSQLiteConfiguration
import Sess
import SessConfiguration
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    static let rows =
        ConfigurationRow.redisValues + ConfigurationRow.redisErrors + ConfigurationRow.sessionValues
        + ConfigurationRow.sessionErrors + ConfigurationRow.storeRows

    @Test("Environment variables are the value or the error of their row", arguments: rows)
    func row(_ row: ConfigurationRow) throws {
        switch row.expected {
        case .value(let value):
            #expect(try row.read(row.config) == value)
        case .error(let key, let message):
            let error = #expect(throws: ConfigurationError.self) { try row.read(row.config) }
            #expect(error?.key == key)
            #expect(error?.message == message)
            for value in row.variables.values where value.contains("s3cret") {
                #expect(error?.description.contains(value) == false)
            }
        }
    }

    @Test("Of every key, no malformed, empty or blank value is taken for the default")
    func strictness() throws {
        for key in Self.keys where !Self.takesAnyText.contains(key.name) {
            for value in ["", " ", " 1", "\t", "?!"] {
                #expect(throws: ConfigurationError.self, "\(key.name)=\(value)") {
                    try Self.readAll(["\(key.environmentName)": value])
                }
            }
        }
    }

    /// All keys, in the order in which they are documented.
    static let keys =
        RedisConfiguration.configurationKeys + SessionOptions.configurationKeys + SQLiteFile.configurationKeys
        + MemoryCollection.Limits.configurationKeys

    private static let takesAnyText: Set = [
        "redis.clientName", "redis.password", "redis.sentinel.master", "redis.sentinel.password",
        "redis.sentinel.username", "redis.tls.caFile", "redis.tls.certFile", "redis.tls.keyFile",
        "redis.tls.serverName", "redis.username", "session.cookie.name", "session.cookie.path", "session.cookie.domain",
        "session.tokens.namespace", "sqlite.path",
    ]

    private static func readAll(_ variables: [String: String]) throws {
        let config = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
        _ = try RedisConfiguration(config: config)
        _ = try SessionOptions(config: config)
        _ = try SQLiteSettings(config: config)
        _ = try MemoryCollection.Limits(config: config)
    }

    @Test("The environment's provider reads every key by the name that is documented")
    func environmentNames() throws {
        for key in Self.keys {
            let provider = EnvironmentVariablesProvider(environmentVariables: [key.environmentName: "here"])
            #expect(ConfigReader(provider: provider).string(forKey: ConfigKey(key.name)) == "here")
        }
        #expect(Set(Self.keys.map(\.environmentName)).count == Self.keys.count)
    }

    @Test("Values of a source with types count as their texts do, and other types are refused")
    func types() throws {
        let config = Self.config([
            "redis.connections": 4, "redis.allowsReplica": true,
            "redis.addressMap": .init(.stringArray(["a=b", "c=d"]), isSecret: false),
        ])
        let redis = try RedisConfiguration(config: config)
        #expect(redis.connections == 4)
        #expect(redis.allowsReplica)
        #expect(redis.mapAddress?(.host("c", port: 6379)).address == .host("d", port: 6379))
        for value: ConfigValue in [1.5, .init(.intArray([4]), isSecret: false), .init(.bytes([4]), isSecret: false)] {
            let error = #expect(throws: ConfigurationError.self) {
                try RedisConfiguration(config: Self.config(["redis.connections": value]))
            }
            #expect(error?.message == "the value is of another type; right is a whole number from 1 to 256")
        }
    }

    @Test("The first provider that has a value counts, and a scope moves the keys")
    func precedence() throws {
        let first = EnvironmentVariablesProvider(environmentVariables: ["CACHE_REDIS_CONNECTIONS": "2"])
        let second = InMemoryProvider(values: ["cache.redis.connections": 9, "cache.redis.database": 3])
        let config = ConfigReader(providers: [first, second]).scoped(to: "cache")
        let redis = try RedisConfiguration(config: config)
        #expect(redis.connections == 2)
        #expect(redis.database == 3)
    }

    private static func config(_ values: [AbsoluteConfigKey: ConfigValue]) -> ConfigReader {
        ConfigReader(provider: InMemoryProvider(values: values))
    }
}
