public import NIOCore
import NIOPosix
import RESP
import Synchronization

/// A client of one Redis server. Few connections, each pipelined and shared by all callers. Thread-safe.
///
/// It connects at the first command, so it works before, and without, ``run()``. As a service it connects when it is
/// run and closes gracefully when the service group shuts down.
public final class RedisClient: Sendable {
    /// What the client was made with.
    public let configuration: RedisConfiguration

    let links: [RedisLink]
    let defaultTimeout: UInt64
    let subscriber: RedisSubscriber
    private let turn = Atomic<Int>(0)

    /// Makes a client. Nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: The server and the bounds.
    ///   - eventLoopGroup: Where the connections live. Callers that already are on a connection's event loop don't
    ///     change threads. It must outlive the client's shutdown. `nil` is the process's shared group.
    /// - Throws: ``RedisConfigurationError`` for a setting that is out of its range.
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: (any EventLoopGroup)? = nil
    ) throws(RedisConfigurationError) {
        try configuration.check()
        self.configuration = configuration
        defaultTimeout = configuration.commandTimeout.unsignedNanoseconds
        let group = eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton
        links = (0..<configuration.connections).map { index in
            RedisLink(configuration: configuration, eventLoop: group.next(), index: index)
        }
        subscriber = RedisSubscriber(configuration: configuration, eventLoop: group.next())
    }

    /// Makes a client from a URL: `redis://[user]:password@host:port/db` or `unix:///path?db=N`.
    ///
    /// - Throws: ``RedisConfigurationError`` that says what is wrong with the URL.
    public convenience init(
        url: String,
        eventLoopGroup: (any EventLoopGroup)? = nil
    ) throws(RedisConfigurationError) {
        try self.init(configuration: try RedisConfiguration(url: url), eventLoopGroup: eventLoopGroup)
    }

    deinit {
        subscriber.close(promise: nil)
        for link in links where !link.isClosed { link.shutDown(grace: .zero, promise: nil) }
    }

    /// Whether the server can be reached, as of the last connection event. Doesn't wait.
    public var health: RedisHealth {
        RedisHealth(
            isConnected: links.contains { $0.observer.isConnected },
            lastError: links.lazy.compactMap { $0.observer.lastError }.first
        )
    }

    /// Asks the server for a sign of life.
    ///
    /// - Throws: ``RedisError``; within the command timeout.
    public func ping() async throws(RedisError) {
        let replies = try await send(RedisClient.pingRequest, retry: .always)
        guard replies.reply.equals("PONG") else {
            poison(replies)
            throw RedisError(.protocolError, "PING was answered with something else")
        }
    }

    private static let pingRequest = RESPRequest.command("PING")

    /// The connection for a caller: that of its own event loop, else each in turn; another one while that is down.
    func link() -> RedisLink {
        guard links.count > 1 else { return links[0] }
        let preferred = links.first { $0.eventLoop.inEventLoop } ?? nextLink()
        if preferred.observer.isConnected { return preferred }
        preferred.connect()
        return links.first { $0.observer.isConnected } ?? preferred
    }

    private func nextLink() -> RedisLink {
        let index = turn.wrappingAdd(1, ordering: .relaxed).newValue
        return links[Int(UInt(bitPattern: index) % UInt(links.count))]
    }
}
