public import NIOCore
import NIOPosix
import RESP
import Synchronization

/// A client of Redis. Few connections to each server, each pipelined and shared by all callers. Thread-safe.
///
/// It connects at the first command, so it works before, and without, ``run()``. As a service it connects when it is
/// run and closes gracefully when the service group shuts down.
public final class RedisClient: Sendable {
    /// What the client was made with.
    public let configuration: RedisConfiguration

    let router: any RedisRouter
    /// The router, where the servers are those of a Redis Cluster.
    let cluster: ClusterRouter?
    /// The one server that all requests are for; `nil` where there may be several.
    let onlyNode: RedisNode?
    let defaultTimeout: UInt64
    /// ``RedisConfiguration/fencedReads``.
    let fencesReads: Bool
    let subscriber: RedisSubscriber
    /// How many requests wait for a server that takes them.
    let paused = Atomic<Int>(0)
    let recentWrites: RecentWrites
    let pendingWrites = PendingWrites()
    package let serverCheck = ServerCheck()

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
        fencesReads = configuration.fencedReads
        defaultTimeout = configuration.commandTimeout.unsignedNanoseconds
        let group = eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton
        let profile = ConnectionProfile(configuration)
        let recentWrites = RecentWrites()
        self.recentWrites = recentWrites
        let router: any RedisRouter
        var cluster: ClusterRouter?
        var onlyNode: RedisNode?
        switch configuration.topology {
        case .server(let address):
            let node = RedisNode(RedisEndpoint(address), profile: profile, group: group, numbers: LinkNumbers())
            onlyNode = node
            router = SingleServer(node)
        case .sentinel(let sentinels):
            router = SentinelRouter(
                sentinels, configuration: configuration, profile: profile, group: group, numbers: LinkNumbers(),
                recentWrites: recentWrites)
        case .cluster(let seeds):
            let nodes = ClusterRouter(
                seeds, configuration: configuration, profile: profile, group: group, numbers: LinkNumbers(),
                recentWrites: recentWrites)
            cluster = nodes
            router = nodes
        }
        self.router = router
        self.cluster = cluster
        self.onlyNode = onlyNode
        let subscriber = RedisSubscriber(profile: profile, eventLoop: group.next()) { [weak router] in
            router?.subscriptionEndpoint
        }
        self.subscriber = subscriber
        router.onChange { [weak subscriber] in subscriber?.reconnect() }
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

    deinit { subscriber.close(promise: nil) }

    /// Whether the server can be reached, as of the last connection event. Doesn't wait.
    public var health: RedisHealth {
        let nodes = router.nodes
        return RedisHealth(
            isConnected: nodes.contains(where: \.isConnected),
            lastError: nodes.lazy.compactMap(\.lastError).first
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

    static let pingRequest = RESPRequest.command("PING")
}
