import ModelerTesting

/// One fault of a schedule: its kind, on whom and for how long, as the seed has chosen.
struct ChaosFault: Sendable, CustomStringConvertible {
    enum Kind: String, Sendable, Comparable {
        /// A server is killed, and started again.
        case kill
        /// A server is stopped where it is, and goes on later; where another can take its place, only then.
        case stop
        /// A server is stopped for less time than it takes to be replaced.
        case pause
        /// Connections are closed.
        case cut
        /// Connections are closed in the middle of what passes.
        case tear
        /// All that passes takes longer.
        case delay
        /// A replica takes its master's place in an orderly way.
        case failover
        /// Slots move to another master and back.
        case reshard
        /// Scripts are forgotten.
        case scriptFlush = "SCRIPT FLUSH"
        /// The server's certificate is replaced by one of another authority.
        case certificate
        /// A Sentinel is killed, and started again.
        case sentinelKill = "kill of a Sentinel"

        static func < (first: Self, second: Self) -> Bool { first.rawValue < second.rawValue }
    }

    let kind: Kind
    /// A number from which a system derives on whom.
    let victim: Int
    let milliseconds: Int

    var duration: Duration { .milliseconds(milliseconds) }

    var description: String { kind.rawValue }

    /// The next fault of a schedule.
    static func next(of kinds: [Kind], using generator: inout SeededGenerator) -> ChaosFault {
        let kind = kinds[Int.random(in: kinds.indices, using: &generator)]
        let victim = Int.random(in: 0..<60, using: &generator)
        let longest = kind == .pause ? 600 : 1_500
        return ChaosFault(
            kind: kind, victim: victim, milliseconds: Int.random(in: 100...longest, using: &generator))
    }
}
