/// The limits of a model's life. Where both are set, the earlier deadline counts.
public struct Expiry: Sendable, Hashable {
    /// How long a model lives after it was last written or touched.
    public var idle: Duration?

    /// How long a model lives after it was created, whatever happens to it in between.
    public var absolute: Duration?

    /// Limits from durations; each must be a millisecond at least, or the operation that gets them is refused.
    public init(idle: Duration? = nil, absolute: Duration? = nil) {
        self.idle = idle
        self.absolute = absolute
    }

    /// No limit: the model lives until it is removed.
    public static let never = Expiry()
}

/// Where a model stands in its life, by the store's clock.
public struct Lifetime: Sendable, Hashable {
    /// The limits the model was stored with.
    public var expiry: Expiry

    /// When the model expires unless it is written or touched before; `nil` for never.
    public var expires: Timestamp?

    /// The store's clock when it answered.
    public var now: Timestamp

    /// Makes a lifetime.
    public init(expiry: Expiry, expires: Timestamp?, now: Timestamp) {
        self.expiry = expiry
        self.expires = expires
        self.now = now
    }

    /// The time until the model expires; `nil` for never.
    public var remaining: Duration? {
        expires.map { max($0 - now, .zero) }
    }
}

extension Lifetime {
    /// The deadline of a model under given limits.
    ///
    /// - Parameters:
    ///   - expiry: The model's limits.
    ///   - created: When it was created.
    ///   - now: When it was last written or touched.
    public static func deadline(_ expiry: Expiry, created: Timestamp, now: Timestamp) -> Timestamp? {
        let (idle, absolute) = (expiry.idle.map { now + $0 }, expiry.absolute.map { created + $0 })
        guard let idle, let absolute else { return idle ?? absolute }
        return min(idle, absolute)
    }
}
