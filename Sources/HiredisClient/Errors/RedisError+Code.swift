extension RedisError {
    /// What happened to the command, and so what the caller may do.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: Hashable {
            case notSent, outcomeUnknown, timeout(mayHaveBeenSent: Bool), overloaded, protocolError
            case connectionClosed, connectFailed, cancelled(mayHaveBeenSent: Bool), shutDown
            case server(RedisServerErrorKind)
        }

        private let value: Value

        /// No connection could be had in time. The command was not sent and may be tried again.
        public static let notSent = Code(value: .notSent)
        /// The connection was lost after the command was sent: it was executed or not. Only what is idempotent
        /// may be tried again.
        public static let outcomeUnknown = Code(value: .outcomeUnknown)
        /// The command's timeout passed before any of it was sent.
        public static let timeoutNotSent = Code(value: .timeout(mayHaveBeenSent: false))
        /// The command's timeout passed after it was sent: it was executed, will be, or won't.
        public static let timeout = Code(value: .timeout(mayHaveBeenSent: true))
        /// Too many commands wait already. Not sent; try again later, or shed load.
        public static let overloaded = Code(value: .overloaded)
        /// The server's bytes are not the protocol, or a reply is not of the kind that belongs to its command.
        public static let protocolError = Code(value: .protocolError)
        /// The connection is closed.
        public static let connectionClosed = Code(value: .connectionClosed)
        /// A connection could not be made or signed in.
        public static let connectFailed = Code(value: .connectFailed)
        /// The calling task was cancelled before any of the command was sent.
        public static let cancelledNotSent = Code(value: .cancelled(mayHaveBeenSent: false))
        /// The calling task was cancelled after the command was sent: it was executed, will be, or won't.
        public static let cancelled = Code(value: .cancelled(mayHaveBeenSent: true))
        /// The client was shut down. Not sent.
        public static let shutDown = Code(value: .shutDown)
        /// The server answered an error.
        public static func server(_ kind: RedisServerErrorKind) -> Code { Code(value: .server(kind)) }

        /// The class of the server's error, if it is one.
        public var serverErrorKind: RedisServerErrorKind? {
            if case .server(let kind) = value { kind } else { nil }
        }

        /// Whether it is certain that the server did not execute the command.
        public var isKnownNotExecuted: Bool {
            switch value {
            case .notSent, .overloaded, .connectFailed, .shutDown: true
            case .timeout(let mayHaveBeenSent), .cancelled(let mayHaveBeenSent): !mayHaveBeenSent
            case .outcomeUnknown, .protocolError, .connectionClosed: false
            // A script may have written before it came to what is refused.
            case .server(let kind): kind != .other && kind != .noPermission && kind != .wrongType
            }
        }

        /// The code's name.
        public var description: String {
            switch value {
            case .notSent: "notSent"
            case .outcomeUnknown: "outcomeUnknown"
            case .timeout(let sent): sent ? "timeout" : "timeoutNotSent"
            case .overloaded: "overloaded"
            case .protocolError: "protocolError"
            case .connectionClosed: "connectionClosed"
            case .connectFailed: "connectFailed"
            case .cancelled(let sent): sent ? "cancelled" : "cancelledNotSent"
            case .shutDown: "shutDown"
            case .server(let kind): "server(\(kind.rawValue))"
            }
        }
    }
}
