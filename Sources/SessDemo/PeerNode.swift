import HTTPTypes
import NIOCore
import NIOPosix

/// Another node of the demo, to which this one hands requests on.
struct PeerNode: Sendable {
    let host: String
    let port: Int

    /// How long it may take.
    private static let timeout = TimeAmount.seconds(5)
    private static let maximumResponse = 64 * 1024

    /// Reads `HOST:PORT`; `nil` for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65535).contains(port), colon != text.startIndex,
            text[..<colon].utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
        else { return nil }
        host = String(text[..<colon])
        self.port = port
    }

    /// Posts without a body, as the same client.
    ///
    /// - Throws: A ``DemoRefusal`` with 502 where the node doesn't answer.
    func post(_ target: String, cookie: String?) async throws -> DemoResponse {
        do {
            let text = try await exchange(
                "POST \(target) HTTP/1.1\r\nHost: \(host):\(port)\r\nContent-Length: 0\r\nConnection: close\r\n"
                    + (cookie.map { "Cookie: \($0)\r\n" } ?? "") + "\r\n")
            let words = text.split(separator: " ", maxSplits: 2)
            guard let end = text.firstRange(of: "\r\n\r\n"), words.count == 3, let status = Int(words[1]),
                (200...599).contains(status)
            else { throw ChannelError.eof }
            var response = DemoResponse.text(String(text[end.upperBound...]))
            response.status = .init(code: status)
            return response
        } catch {
            throw DemoRefusal(
                status: .badGateway, message: "The other node, \(host):\(port), doesn't answer: \(error).")
        }
    }

    private func exchange(_ request: String) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(Self.timeout)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let deadline = channel.channel.eventLoop.scheduleTask(in: Self.timeout) {
            channel.channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        return try await channel.executeThenClose { received, sent in
            try await sent.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            for try await piece in received {
                answer.writeImmutableBuffer(piece)
                guard answer.readableBytes <= Self.maximumResponse else { break }
            }
            return String(buffer: answer)
        }
    }
}
