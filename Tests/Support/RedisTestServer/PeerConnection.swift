import NIOCore

/// One connection to a ``withBytePeer(_:_:)`` server, as the test's own code serves it.
public final class PeerConnection {
    /// The number of connections before this one.
    public let index: Int
    private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var buffered: [UInt8] = []

    init(
        index: Int,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.index = index
        iterator = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    public func write(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// The next bytes; `nil` once the client has closed.
    public func read() async throws -> [UInt8]? {
        if !buffered.isEmpty {
            defer { buffered = [] }
            return buffered
        }
        return try await iterator.next(isolation: #isolation).map { Array($0.readableBytesView) }
    }

    /// The next command's arguments; `nil` once the client has closed. ROLE is answered here, as a master does.
    public func readCommand() async throws -> [String]? {
        while true {
            if let (arguments, length) = PeerConnection.parse(buffered) {
                buffered.removeFirst(length)
                if arguments == ["ROLE"] {
                    try await write("*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n")
                    continue
                }
                return arguments
            }
            guard let more = try await iterator.next(isolation: #isolation) else { return nil }
            buffered += Array(more.readableBytesView)
        }
    }

    /// Answers the commands that the client begins a connection with.
    public func acceptHandshake() async throws {
        while let command = try await readCommand() {
            if command == ["PING"] {
                try await write("+PONG\r\n")
                return
            }
            try await write("+OK\r\n")
        }
    }

    private static func parse(_ bytes: [UInt8]) -> (arguments: [String], length: Int)? {
        var position = 0
        func number() -> Int? {
            guard let end = bytes[position...].firstIndex(of: 0x0A) else { return nil }
            defer { position = end + 1 }
            return Int(String(decoding: bytes[(position + 1)..<(end - 1)], as: UTF8.self))
        }
        guard let count = number() else { return nil }
        var arguments: [String] = []
        for _ in 0..<count {
            guard let length = number(), bytes.count >= position + length + 2 else { return nil }
            arguments.append(String(decoding: bytes[position..<position + length], as: UTF8.self))
            position += length + 2
        }
        return (arguments, position)
    }
}
