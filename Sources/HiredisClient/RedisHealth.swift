/// Whether the client can reach its server, as of its last connection event.
public struct RedisHealth: Sendable {
    /// Whether at least one connection is up and signed in.
    public var isConnected: Bool
    /// Why the last connection was lost or not made; `nil` when none ever failed.
    public var lastError: RedisError?
}
