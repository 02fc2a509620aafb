import NIOCore
import NIOPosix
import Synchronization

/// What a proxy does with bytes that pass through it.
public enum ProxyStep: Sendable {
    case forward([UInt8])
    /// Holds this and everything after it in the same direction.
    case wait(Duration)
    /// Closes both sides.
    case cut
}

/// How one connection's bytes are treated, in each direction. Each is called for one piece at a time, in order.
public struct ProxyRules: Sendable {
    public var toServer: @Sendable ([UInt8]) -> [ProxyStep] = { [.forward($0)] }
    public var toClient: @Sendable ([UInt8]) -> [ProxyStep] = { [.forward($0)] }

    public init() {}
}

/// Runs `body` with the port of a proxy in front of the server on `port`, which is asked for each connection. `rules`
/// gets each connection's number.
public func withByteProxy<Result: Sendable>(
    to port: @escaping @autoclosure @Sendable () -> Int,
    rules: @escaping @Sendable (Int) -> ProxyRules,
    _ body: (Int) async throws -> Result
) async throws -> Result {
    let counter = Mutex(0)
    return try await withListener { client in
        let index = counter.withLock { count in
            defer { count += 1 }
            return count
        }
        let rules = rules(index)
        try await client.executeThenClose { fromClient, toClient in
            let server = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: "127.0.0.1", port: port()) { channel in
                    channel.eventLoop.makeCompletedFuture { try ByteChannel(wrappingChannelSynchronously: channel) }
                }
            try await server.executeThenClose { fromServer, toServer in
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await pass(fromClient, to: toServer, rules.toServer) }
                    group.addTask { try await pass(fromServer, to: toClient, rules.toClient) }
                    // Whichever side ends first ends the other.
                    _ = await group.nextResult()
                    group.cancelAll()
                }
            }
        }
    } body: { port in
        try await body(port)
    }
}

private func pass(
    _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
    to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    _ rule: @Sendable ([UInt8]) -> [ProxyStep]
) async throws {
    for try await buffer in inbound {
        for step in rule(Array(buffer.readableBytesView)) {
            switch step {
            case .forward(let bytes): try await outbound.write(ByteBuffer(bytes: bytes))
            case .wait(let duration): try await Task.sleep(for: duration)
            case .cut: return
            }
        }
    }
}
