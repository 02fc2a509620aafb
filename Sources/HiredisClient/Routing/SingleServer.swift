import RESP

/// One server, whatever its address means by now.
final class SingleServer: RedisRouter {
    private let node: RedisNode

    init(_ node: RedisNode) { self.node = node }

    var nodes: [RedisNode] { [node] }

    var subscriptionEndpoint: RedisEndpoint? { node.endpoint }

    func node(for request: RESPRequest) throws(RedisError) -> RedisNode { node }

    func consider(_ refusal: Refusal) -> NextStep { .fail }

    func isCurrent(origin: UInt64) -> Bool { true }

    func onChange(_ body: @escaping @Sendable () -> Void) {}

    func start() { node.connect() }

    func stop() async {}
}
