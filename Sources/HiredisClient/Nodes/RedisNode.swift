import NIOCore
import RESP
import Synchronization

/// One Redis server as a client uses it: its address and the connections to it. Thread-safe.
final class RedisNode: Sendable {
    let endpoint: RedisEndpoint
    let links: [RedisLink]
    /// The connection for ``RequestLane/bulk``.
    private let bulkLink: RedisLink
    /// For ``RequestLane/confirmed``; `nil` where nothing is to be confirmed.
    private let replicatedWrites: ReplicatedWrites?
    private let turn = Atomic<Int>(0)
    private let shutdownTimeout: Duration
    let fence = ReadFence()

    /// Nothing is connected yet.
    ///
    /// - Parameter numbers: Gives each connection slot a number of its own in the client.
    init(
        _ endpoint: RedisEndpoint, profile: ConnectionProfile, group: any EventLoopGroup, numbers: LinkNumbers
    ) {
        self.endpoint = endpoint
        let configuration = profile.configuration
        shutdownTimeout = configuration.shutdownTimeout
        func link() -> RedisLink {
            RedisLink(endpoint: endpoint, profile: profile, eventLoop: group.next(), number: numbers.next())
        }
        links = (0..<configuration.connections).map { _ in link() }
        bulkLink = link()
        if case .replicated(let minimum, let limit) = configuration.durability {
            replicatedWrites = ReplicatedWrites(link(), minimum: minimum, within: limit, configuration: configuration)
        } else {
            replicatedWrites = nil
        }
    }

    deinit {
        for link in allLinks where !link.isClosed { link.shutDown(grace: .zero, promise: nil) }
    }

    var isConnected: Bool { links.contains { $0.observer.isConnected } }

    /// Whether a connection was tried, and there is none.
    var isDown: Bool { !isConnected && lastError != nil }

    /// Whether the replies of a connection are overdue.
    var isSilent: Bool { links.contains { $0.observer.isSilent } }

    var lastError: RedisError? { links.lazy.compactMap { $0.observer.lastError }.first }

    var allLinks: [RedisLink] { links + [bulkLink] + (replicatedWrites.map { [$0.link] } ?? []) }

    /// Sends a request and waits for its replies. Inlined, so that a command costs its caller one asynchronous frame.
    @inline(__always)
    func perform(
        _ request: RESPRequest, timeout: UInt64, retry: RetryPolicy, lane: RequestLane
    ) async -> Result<RESPReplies, RedisError> {
        if lane == .confirmed, let replicatedWrites {
            return await replicatedWrites.perform(request, timeout: timeout, retry: retry)
        }
        return await link(lane).perform(request, timeout: timeout, retry: retry)
    }

    /// The connection for a caller: that of its own event loop, else each in turn; another one while that is down.
    func link(_ lane: RequestLane = .interactive) -> RedisLink {
        if lane == .bulk { return bulkLink }
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

    /// Connects, and reconnects from then on.
    func connect() {
        for link in links { link.connect() }
    }

    /// Refuses new commands at once, lets those that were sent finish within `grace`, or else within the configured
    /// shutdown timeout, and closes.
    func shutDown(grace: Duration? = nil) async {
        // All at once: none takes new commands while another waits for its replies.
        let ends = beginShutdown(grace: TimeAmount(grace ?? shutdownTimeout))
        for (link, end) in zip(allLinks, ends) {
            // The promise is only ever kept.
            try? await end.get()
            link.close()
        }
    }

    private func beginShutdown(grace: TimeAmount) -> [EventLoopFuture<Void>] {
        allLinks.map { link in
            let promise = link.eventLoop.makePromise(of: Void.self)
            link.shutDown(grace: grace, promise: promise)
            return promise.futureResult
        }
    }
}

/// Numbers a client's connection slots, so that a reply tells by which it came. Thread-safe.
final class LinkNumbers: Sendable {
    private let last = Atomic<UInt64>(0)

    /// A number that no other slot of the client has had, from 1 on.
    func next() -> UInt64 { last.wrappingAdd(1, ordering: .relaxed).newValue }
}
