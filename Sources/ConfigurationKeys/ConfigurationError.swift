/// A configuration value that can't be used. Names the key and the form that is expected; never shows the value.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key, relative to the reader that was given: `redis.url`.
    public let key: String
    /// What is wrong and what would be right.
    public let message: String

    /// Makes an error.
    package init(key: String, _ message: String) {
        self.key = key
        self.message = message
    }

    /// The key, its name in the environment, and the message.
    public var description: String {
        "\(key) (\(ConfigurationKey.environmentName(of: key)) in the environment): \(message)"
    }
}
