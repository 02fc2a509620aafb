extension Expiry {
    /// The shortest limit: the step of a store's clock.
    public static let shortestLimit: Duration = .milliseconds(1)

    /// The longest limit: a century.
    public static let longestLimit: Duration = .seconds(100 * 366 * 86400)

    /// Whether a limit is one that a model can have.
    public static func isAllowed(_ limit: Duration) -> Bool {
        limit >= shortestLimit && limit <= longestLimit
    }

    /// Checks that each limit is at least a millisecond and at most a century.
    ///
    /// - Throws: ``ModelError/Code/invalidChange``.
    public func validate() throws(ModelError) {
        for limit in [idle, absolute].compactMap(\.self) where !Self.isAllowed(limit) {
            throw ModelError(.invalidChange, "a limit is at least a millisecond and at most a century, not \(limit)")
        }
    }

    /// The idle limit in whole milliseconds, as stores write it.
    public var idleMilliseconds: Int64? { idle?.wholeMilliseconds }

    /// The absolute limit in whole milliseconds, as stores write it.
    public var absoluteMilliseconds: Int64? { absolute?.wholeMilliseconds }

    /// The limits, fractions of a millisecond dropped.
    public var inWholeMilliseconds: Expiry {
        Expiry(
            idle: idleMilliseconds.map { .milliseconds($0) }, absolute: absoluteMilliseconds.map { .milliseconds($0) }
        )
    }
}
