/// Commands in Redis's own bytes that travel together: nothing comes between them in the pipeline, and their
/// replies come back as one ``RESPReplies``.
package struct RESPRequest: Sendable {
    package private(set) var bytes: [UInt8]

    /// How many commands there are, and so how many replies.
    package let commandCount: Int

    /// How many of the commands have a key by which a Redis Cluster knows the node that they are for.
    package var keyCount: Int { Int(keys) }

    private var keys: UInt32
    private let keyStart: UInt32
    private let keyLength: UInt32

    private init(bytes: [UInt8], commandCount: Int, keyCount: Int, firstKey: Range<Int>) {
        self.bytes = bytes
        self.commandCount = commandCount
        keys = UInt32(truncatingIfNeeded: keyCount)
        keyStart = UInt32(truncatingIfNeeded: firstKey.lowerBound)
        keyLength = UInt32(truncatingIfNeeded: firstKey.count)
    }

    /// Where in ``bytes`` the first key is.
    package var keyRange: Range<Int>? { keys == 0 ? nil : Int(keyStart)..<Int(keyStart) + Int(keyLength) }

    /// Calls `body` with the first key's bytes; `nil` where there is none.
    package func withKey<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        guard let range = keyRange else { return nil }
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Gives the bytes up: what is left tells how many replies belong to the request.
    package mutating func dropBytes() {
        bytes = []
        keys = 0
    }

    /// Encodes commands. With a `capacity` (in bytes) that suffices, one allocation.
    package static func build(capacity: Int = 128, _ body: (inout RESPEncoder) -> Void) -> RESPRequest {
        var commandCount = 0
        var keyCount = 0
        var firstKey = 0..<0
        var larger: [UInt8]?
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { memory, used in
            var encoder = RESPEncoder(borrowing: memory)
            body(&encoder)
            precondition(encoder.isComplete, "the last command lacks arguments")
            commandCount = encoder.commandCount
            keyCount = encoder.keyCount
            firstKey = encoder.firstKey
            if encoder.fits { used = encoder.count } else { larger = encoder.withBytes { Array($0) } }
        }
        precondition(commandCount > 0, "a request has at least one command")
        return RESPRequest(
            bytes: larger ?? bytes, commandCount: commandCount, keyCount: keyCount, firstKey: firstKey)
    }

    /// One command of texts: its name and its arguments.
    package static func command(_ arguments: String...) -> RESPRequest {
        build(capacity: arguments.reduce(16) { $0 + $1.utf8.count + 16 }) { encoder in
            encoder.command(argumentCount: arguments.count)
            for argument in arguments { encoder.argument(argument) }
        }
    }

    /// One command on a key: its name, the key, and further arguments.
    package static func command(_ name: String, key: String, _ arguments: String...) -> RESPRequest {
        build(capacity: arguments.reduce(64 + key.utf8.count) { $0 + $1.utf8.count + 16 }) { encoder in
            encoder.command(argumentCount: 2 + arguments.count)
            encoder.argument(name)
            encoder.key(key)
            for argument in arguments { encoder.argument(argument) }
        }
    }

    /// The commands of several requests, in order.
    package static func joined(_ requests: [RESPRequest]) -> RESPRequest {
        build(capacity: requests.reduce(0) { $0 + $1.bytes.count }) { encoder in
            for request in requests { encoder.append(request) }
        }
    }

    /// The same commands behind ASKING, by which a node of a Redis Cluster serves what is being moved to it. It is for
    /// the first command alone, which must be the one with the key. One reply more comes, the first.
    package func asking() -> RESPRequest {
        .joined([.command("ASKING"), self])
    }
}
