import Configuration
import ConfigurationKeys
import HiredisClient
import HiredisClientConfiguration
import Sess
import SessConfiguration
import Synchronization
import Testing

@Suite("Secrets in a configuration")
struct SecretTests {
    private static let variables = [
        "REDIS_URL": "redis+sentinel://app:s3cret-1@s1/main", "REDIS_SENTINEL_PASSWORD": "s3cret-2",
        "SESSION_TOKENS_SIGNING_KEYS": "s3cret-3-s3cret-3", "SESSION_COOKIE_NAME": "app",
        "SESSION_STORE_ENCRYPTION_KEYS": "k:s3cret+4s3cret+4s3cret+4s3cret+4s3cret+4s3c=",
    ]

    @Test("All that is reported of a whole reading hides what is secret, and shows the rest")
    func accesses() throws {
        let log = AccessLog()
        let provider = EnvironmentVariablesProvider(environmentVariables: Self.variables)
        let config = ConfigReader(provider: provider, accessReporter: log)
        _ = try RedisConfiguration(config: config)
        _ = try SessionOptions(config: config)
        let text = log.text.withLock { $0 }
        #expect(text.contains("app"))
        #expect(!text.contains("s3cret"))
    }

    @Test("A report shows what is given and what is a default, and no secret")
    func report() throws {
        let config = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: Self.variables))
        let report = try ConfigurationReport(
            of: RedisConfiguration.configurationKeys + SessionOptions.configurationKeys, in: config)
        let lines = report.description.split(separator: "\n").map(String.init)
        #expect(lines.contains("redis.url = •••"))
        #expect(lines.contains("redis.sentinel.password = •••"))
        #expect(lines.contains("session.cookie.name = app"))
        #expect(lines.contains("redis.connections = 1 (default)"))
        #expect(lines.contains("session.idleTimeout = 30m (default)"))
        #expect(lines.contains("session.cookie.domain = (not set)"))
        #expect(!report.description.contains("s3cret"))
    }

    @Test("Errors of every secret key show nothing of the value")
    func errors() throws {
        for key in ConfigurationTests.keys where key.isSecret {
            let provider = EnvironmentVariablesProvider(environmentVariables: [key.environmentName: " s3cret:@/x"])
            let config = ConfigReader(provider: provider)
            let error = #expect(throws: ConfigurationError.self) {
                _ = try RedisConfiguration(config: config)
                _ = try SessionOptions(config: config)
            }
            #expect(error?.description.contains("s3cret") == false)
            #expect(error?.key == key.name)
        }
    }
}

/// Keeps all that is reported, as a log would show it.
private final class AccessLog: AccessReporter {
    let text = Mutex("")

    func report(_ event: AccessEvent) {
        let line = "\(event.metadata.key) \(event.result) \(event.providerResults)"
        text.withLock { $0 += line + "\n" }
    }
}
