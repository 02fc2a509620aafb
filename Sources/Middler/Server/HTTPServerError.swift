/// Why a server can't run.
public struct HTTPServerError: Error, Hashable, CustomStringConvertible {
    /// The kind of error.
    public enum Code: String, Sendable {
        /// A value of the configuration is wrong.
        case invalidConfiguration
        /// The address can't be listened on.
        case cannotListen
        /// The server runs or has run. It runs once.
        case alreadyRun
    }

    public let code: Code
    /// What was wrong and what would be right.
    public let message: String

    public var description: String { "\(code.rawValue): \(message)" }
}
