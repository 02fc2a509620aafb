import ConfigurationKeys
import HiredisClient

/// The URL, which is read before everything else: it has the values that the other keys then change.
struct RedisPlace: Sendable {
    var url: String? = "redis://127.0.0.1:6379"

    static let table = KeyTable<RedisPlace>([
        .init(
            "redis.url", \.url,
            ConfigurationForm<String>.text(
                "a URL such as redis://host:6379/0, rediss://…, redis+sentinel://…, unix:///…"
            ).optional,
            defaults: RedisPlace(), isSecret: true, "where Redis is, and all else that a URL can say")
    ])

    func configuration() throws(ConfigurationError) -> RedisConfiguration {
        do throws(RedisConfigurationError) {
            return try RedisConfiguration(url: url ?? "")
        } catch {
            throw ConfigurationError(key: "redis.url", error.message)
        }
    }
}
