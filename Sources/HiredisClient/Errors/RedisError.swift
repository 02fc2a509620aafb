/// Why a command has no usable reply. Never shows a key, a value or a password.
public struct RedisError: Error, Sendable, CustomStringConvertible {
    /// What happened to the command.
    public let code: Code
    /// What happened, for a log.
    public var message: String { details.message }
    /// The fault beneath, where there is one.
    public var underlying: (any Error)? { details.underlying }
    /// Where it was raised.
    public var location: String { "\(details.file):\(details.line)" }

    /// Behind a reference, so that an error is small wherever a result may hold one.
    private final class Details: Sendable {
        let message: String
        let underlying: (any Error)?
        let file: String
        let line: Int

        init(message: String, underlying: (any Error)?, file: String, line: Int) {
            self.message = message
            self.underlying = underlying
            self.file = file
            self.line = line
        }
    }

    private let details: Details

    package init(
        _ code: Code,
        _ message: String,
        underlying: (any Error)? = nil,
        file: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        details = Details(message: message, underlying: underlying, file: file, line: line)
    }

    /// Code, message, and the fault beneath.
    public var description: String {
        underlying.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)"
    }
}
