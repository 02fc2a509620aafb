/// What one node of a Redis Cluster says of all.
struct ClusterView: Sendable, Equatable {
    /// Slots in a row, and their master.
    struct Range: Sendable, Equatable {
        var slots: ClosedRange<Int>
        var endpoint: RedisEndpoint
    }

    var ranges: [Range]
    /// Counts the changes of the cluster that the node has heard of; not every change of a slot is one.
    var epoch: Int

    /// How many slots have a master.
    var coverage: Int { ranges.reduce(0) { $0 + $1.slots.count } }
}
