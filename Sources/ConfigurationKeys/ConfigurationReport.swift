public import Configuration

/// The effective values of keys, for an operator's eyes: secrets are hidden.
public struct ConfigurationReport: Sendable, CustomStringConvertible {
    /// A key and its value.
    public struct Line: Sendable, Hashable {
        /// The key.
        public let key: ConfigurationKey
        /// The value as it is configured, or the default; `nil` where there is neither. A secret's is `•••`.
        public let value: String?
        /// Whether a source of the configuration has it.
        public let isGiven: Bool
    }

    /// The keys in their tables' order.
    public let lines: [Line]

    /// Reads the values of keys, as the initializers that take a reader do.
    ///
    /// - Throws: ``ConfigurationError`` for a value that is empty or of another type. Whether it has the right form is
    ///   for those initializers to say.
    public init(of keys: [ConfigurationKey], in config: ConfigReader) throws(ConfigurationError) {
        let reader = StrictReader(config: config)
        var lines: [Line] = []
        for key in keys {
            let text = try reader.text(of: key)
            let shown = key.isSecret && text != nil ? "•••" : text ?? key.defaultText
            lines.append(Line(key: key, value: shown, isGiven: text != nil))
        }
        self.lines = lines
    }

    /// A line for each key: `redis.connections = 4`, with a mark on defaults.
    public var description: String {
        lines.map { line in
            "\(line.key.name) = \(line.value ?? "")"
                + (line.isGiven ? "" : line.value == nil ? "(not set)" : " (default)")
        }.joined(separator: "\n")
    }
}
