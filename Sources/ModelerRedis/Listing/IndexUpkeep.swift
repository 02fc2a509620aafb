/// How far ``RedisCollection/rebuildIndex(progress:)`` or ``RedisCollection/sweepIndex(progress:)`` has come.
public struct IndexUpkeep: Sendable, Hashable {
    /// The keys of records, or entries of the index, that were looked at.
    public var examined = 0
    /// The models that had no entry and have one now.
    public var added = 0
    /// The entries that were taken out, as their models are gone.
    public var removed = 0

    /// Makes a start.
    public init() {}
}
