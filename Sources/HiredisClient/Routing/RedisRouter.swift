import RESP

/// Knows the servers of a client, and which of them a request is for. Thread-safe.
protocol RedisRouter: AnyObject, Sendable {
    /// The servers that are known, each once.
    var nodes: [RedisNode] { get }

    /// The server for a request. Doesn't wait.
    ///
    /// - Throws: ``RedisError/Code/notSent`` while none is known.
    func node(for request: RESPRequest) throws(RedisError) -> RedisNode

    /// What becomes of a request that wasn't answered, or with an error.
    func consider(_ refusal: Refusal) -> NextStep

    /// Where the messages of subscriptions come from.
    var subscriptionEndpoint: RedisEndpoint? { get }

    /// Whether a reply came from a server that is one of the masters still.
    func isCurrent(origin: UInt64) -> Bool

    /// Calls `body` whenever messages come from another server than before.
    func onChange(_ body: @escaping @Sendable () -> Void)

    /// Looks for servers and connects to those that are needed; from the first call on.
    func start()

    /// Ends all that the router does by itself. Its nodes are shut down by the client.
    func stop() async
}

/// A request that wasn't answered, or with an error.
struct Refusal {
    let error: RedisError
    /// The server's own words, where it answered.
    let reply: RESPReply?
    let request: RESPRequest
    let node: RedisNode?
    /// Whether the request may be executed twice.
    let mayRepeat: Bool
    /// How often it went to a server.
    let attempts: Int
    /// How often it went to a server because another one has named it.
    let hops: Int
}

/// What a router decides of a request that was refused.
enum NextStep {
    /// The caller gets the refusal.
    case fail
    /// It goes to the server that the router names by then, after so many nanoseconds.
    case again(after: UInt64)
    /// It goes to this server.
    case redirect(RedisNode, asking: Bool)
}
