/// A key that a configuration is read from: its name, the form of its values, and its meaning.
public struct ConfigurationKey: Sendable, Hashable {
    /// The name, relative to the reader: components joined by dots, as in `redis.tls.caFile`.
    public let name: String
    /// The form of a value, for messages: "a whole number from 1 to 256".
    public let form: String
    /// The value that counts where none is given, in the form of a value; `nil` where there is none.
    public let defaultText: String?
    /// Whether values are secrets, which no log and no report shows.
    public let isSecret: Bool
    /// What the value decides.
    public let summary: String

    package init(name: String, form: String, defaultText: String?, isSecret: Bool, summary: String) {
        self.name = name
        self.form = form
        self.defaultText = defaultText
        self.isSecret = isSecret
        self.summary = summary
    }

    /// The name of the environment variable: `REDIS_TLS_CA_FILE` for `redis.tls.caFile`.
    public var environmentName: String { Self.environmentName(of: name) }

    /// Upper case, with `_` for each dot and before each capital that follows a small letter: as the provider of
    /// environment variables has it.
    package static func environmentName(of name: String) -> String {
        var text = ""
        var follows = false
        for character in name {
            if follows, character.isUppercase { text += "_" }
            follows = character.isLowercase
            text += character == "." ? "_" : character.uppercased()
        }
        return text
    }
}
