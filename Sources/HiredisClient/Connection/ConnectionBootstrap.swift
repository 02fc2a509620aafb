import NIOCore
import NIOPosix

/// Makes channels to the configured server.
enum ConnectionBootstrap {
    /// Connects, and calls `completion` on the event loop, on which this must be called too.
    static func connect<Handler: ChannelInboundHandler>(
        _ configuration: RedisConfiguration,
        on eventLoop: any EventLoop,
        makeHandler: @escaping @Sendable () -> Handler,
        completion: @escaping (Result<Handler, any Error>) -> Void
    ) {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.maxMessagesPerRead, value: 1)
            // One read is one step of the reply reader, and is followed by one flush.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 << 10))
            .channelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(makeHandler())
                }
            }
        let future: EventLoopFuture<any Channel>
        switch configuration.address {
        case .host(let host, let port):
            future =
                bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .connect(host: host, port: port)
        case .unixSocket(let path):
            future = bootstrap.connect(unixDomainSocketPath: path)
        }
        future.assumeIsolated().whenComplete { result in
            completion(
                Result {
                    try result.get().pipeline.syncOperations.handler(type: Handler.self)
                }
            )
        }
    }
}
