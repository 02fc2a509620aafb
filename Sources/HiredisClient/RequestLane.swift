/// Which connection a request goes on.
package enum RequestLane: Sendable, Hashable {
    /// One that callers share whose clients wait: small requests with small replies.
    case interactive
    /// One apart, which is made when it is first used: for replies so large, or so many, that they would hold the
    /// others up.
    case bulk
    /// For writes that the server's replicas are to confirm, where ``RedisConfiguration/durability`` says so: the
    /// replies tell whether they have. Otherwise as ``interactive``.
    case confirmed
}
