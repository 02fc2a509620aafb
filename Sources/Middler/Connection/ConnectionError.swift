/// Why a response could not be sent.
public struct ConnectionError: Error, Hashable, CustomStringConvertible {
    /// The kind of fault.
    public enum Code: String, Sendable {
        /// The connection is closed.
        case closed
        /// The client doesn't read, for longer than ``HTTPServer/Configuration/writeTimeout``.
        case clientTooSlow
        /// The response is sent already.
        case responseEnded
        /// The body isn't of the length that was said.
        case wrongLength
    }

    public let code: Code

    /// Makes an error.
    public init(code: Code) { self.code = code }

    /// Whether the client is the cause, not the app.
    var isClients: Bool { code == .closed || code == .clientTooSlow }

    public var description: String { code.rawValue }
}
