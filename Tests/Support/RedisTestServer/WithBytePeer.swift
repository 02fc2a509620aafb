import NIOCore
import NIOPosix
import Synchronization

/// Runs `body` with the port of a server in this process that does to each connection what `serve` says: a peer that
/// misbehaves. A connection is closed when its `serve` returns or throws.
public func withBytePeer<Result: Sendable>(
    serve: @escaping @Sendable (PeerConnection) async throws -> Void,
    _ body: (Int) async throws -> Result
) async throws -> Result {
    let counter = Mutex(0)
    return try await withListener { channel in
        let index = counter.withLock { count in
            defer { count += 1 }
            return count
        }
        try? await channel.executeThenClose { inbound, outbound in
            try await serve(PeerConnection(index: index, inbound: inbound, outbound: outbound))
        }
    } body: { port in
        try await body(port)
    }
}

typealias ByteChannel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

/// Listens on a free loopback port for as long as `body` runs, and serves each connection in a task of its own.
func withListener<Result: Sendable>(
    serve: @escaping @Sendable (ByteChannel) async throws -> Void,
    body: (Int) async throws -> Result
) async throws -> Result {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .bind(host: "127.0.0.1", port: 0) { channel in
            channel.eventLoop.makeCompletedFuture { try ByteChannel(wrappingChannelSynchronously: channel) }
        }
    let port = server.channel.localAddress?.port ?? 0
    let accepting = Task {
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask { try? await serve(connection) }
                }
                group.cancelAll()
            }
        }
    }
    do {
        let result = try await body(port)
        await stop(server.channel, accepting)
        return result
    } catch {
        await stop(server.channel, accepting)
        throw error
    }
}

/// Ends the acceptance of connections, then those that were accepted. Cancelling instead would drop a connection that
/// was accepted and not served yet, which SwiftNIO takes for a fault of the program.
private func stop(_ listener: any Channel, _ accepting: Task<Void, any Error>) async {
    try? await listener.close()
    _ = await accepting.result
}
