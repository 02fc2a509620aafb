import NIOCore
import NIOPosix

/// Makes channels to a server.
enum ConnectionBootstrap {
    /// Connects, and secures the connection where that is asked for. Calls `connected` with a channel that stands and
    /// `completion` at the end, both on the event loop, on which this must be called too.
    static func connect<Handler: ChannelInboundHandler>(
        to endpoint: RedisEndpoint,
        _ profile: ConnectionProfile,
        on eventLoop: any EventLoop,
        makeHandler: @escaping () -> Handler,
        connected: @escaping (any Channel) -> Void,
        completion: @escaping (Result<Handler, any Error>) -> Void
    ) {
        channel(to: endpoint, profile.configuration, on: eventLoop).assumeIsolated().whenComplete { result in
            do {
                let channel = try result.get()
                connected(channel)
                guard let security = profile.security else {
                    return completion(.success(try add(makeHandler(), to: channel)))
                }
                security.context(on: eventLoop).assumeIsolated()
                    .flatMap { security.secure(channel, to: endpoint, with: $0) }
                    // What comes from here on is the server's own, and Redis doesn't speak first.
                    .flatMapThrowing { try add(makeHandler(), to: channel) }
                    .whenComplete { result in
                        if case .failure = result { channel.close(promise: nil) }
                        completion(result)
                    }
            } catch {
                completion(.failure(error))
            }
        }
    }

    private static func add<Handler: ChannelInboundHandler>(
        _ handler: Handler, to channel: any Channel
    ) throws -> Handler {
        try channel.pipeline.syncOperations.addHandler(handler)
        return handler
    }

    private static func channel(
        to endpoint: RedisEndpoint, _ configuration: RedisConfiguration, on eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.maxMessagesPerRead, value: 1)
            // One read is one step of the reply reader, and is followed by one flush.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16 << 10))
            .channelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
        switch endpoint.address {
        case .host(let host, let port):
            return keepingAlive(bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1))
                .connect(host: host, port: port)
        case .unixSocket(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    /// Lets the system find out by itself that a peer is gone: by default it takes two hours of silence, or a quarter
    /// of an hour with bytes that nobody acknowledges.
    private static func keepingAlive(_ bootstrap: ClientBootstrap) -> ClientBootstrap {
        let alive = bootstrap.channelOption(.socketOption(.so_keepalive), value: 1)
        #if os(Linux)
        // The numbers of linux/tcp.h, in seconds, and the last in milliseconds.
        let (idle, interval, count, userTimeout) = (4, 5, 6, 18)
        return
            alive
            .channelOption(.tcpOption(.init(rawValue: CInt(idle))), value: 30)
            .channelOption(.tcpOption(.init(rawValue: CInt(interval))), value: 10)
            .channelOption(.tcpOption(.init(rawValue: CInt(count))), value: 3)
            .channelOption(.tcpOption(.init(rawValue: CInt(userTimeout))), value: 20_000)
        #else
        return alive
        #endif
    }
}
