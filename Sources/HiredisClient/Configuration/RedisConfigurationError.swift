/// A configuration or URL that can't be used. Says what is wrong and what would be right; never shows a password.
public struct RedisConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of mistake it is.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String { case malformedURL, unsupportedScheme, invalidValue }
        private let value: Value

        /// The URL can't be read.
        public static let malformedURL = Code(value: .malformedURL)
        /// The URL's scheme is none of those that are known.
        public static let unsupportedScheme = Code(value: .unsupportedScheme)
        /// A setting is out of its range.
        public static let invalidValue = Code(value: .invalidValue)

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What kind of mistake it is.
    public let code: Code
    /// What is wrong and what would be right.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Code and message.
    public var description: String { "\(code): \(message)" }
}
