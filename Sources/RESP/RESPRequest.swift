/// Commands in Redis's own bytes that travel together: nothing comes between them in the pipeline, and their
/// replies come back as one ``RESPReplies``.
package struct RESPRequest: Sendable {
    package let bytes: [UInt8]

    /// How many commands there are, and so how many replies.
    package let commandCount: Int

    private init(bytes: [UInt8], commandCount: Int) {
        self.bytes = bytes
        self.commandCount = commandCount
    }

    /// Encodes commands. With a `capacity` (in bytes) that suffices, one allocation.
    package static func build(capacity: Int = 128, _ body: (inout RESPEncoder) -> Void) -> RESPRequest {
        var commandCount = 0
        var larger: [UInt8]?
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { memory, used in
            var encoder = RESPEncoder(borrowing: memory)
            body(&encoder)
            precondition(encoder.isComplete, "the last command lacks arguments")
            commandCount = encoder.commandCount
            if encoder.fits { used = encoder.count } else { larger = encoder.withBytes { Array($0) } }
        }
        precondition(commandCount > 0, "a request has at least one command")
        return RESPRequest(bytes: larger ?? bytes, commandCount: commandCount)
    }

    /// One command of texts: its name and its arguments.
    package static func command(_ arguments: String...) -> RESPRequest {
        build(capacity: arguments.reduce(16) { $0 + $1.utf8.count + 16 }) { encoder in
            encoder.command(argumentCount: arguments.count)
            for argument in arguments { encoder.argument(argument) }
        }
    }
}
