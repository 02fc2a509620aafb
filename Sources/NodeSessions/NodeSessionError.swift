/// A failure of a session that is shared with Node. Shows no id, no value and no secret.
public struct NodeSessionError: Error, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: String, Sendable {
        /// A setting is out of its range.
        case misconfigured
        /// What is stored under the key is no session of Express.
        case unreadable
        /// Express drops a member of this name when it loads a session.
        case reservedName
        /// Others wrote the session again and again meanwhile; nothing was written.
        case contended
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
