/// When writes are sent, and which of them wait for the server's replicas. A pure value; times are nanoseconds on a
/// monotonic clock.
///
/// While the replicas are asked, writes are gathered: they are sent together, and asked about once. Where the replicas
/// fail to confirm again and again, writes go out at once for a while, unconfirmed.
struct ReplicationMachine: Sendable {
    /// What becomes of a write.
    enum Submission: Equatable {
        /// It is sent now, and the replicas are asked.
        case ask
        /// It goes with the others that are gathered.
        case gather
        /// It is sent now, and nobody waits for the replicas.
        case skip
    }

    /// What becomes of the writes that were gathered.
    enum Next: Equatable {
        case ask
        case skip
        /// There are none.
        case rest
    }

    /// What the answers mean.
    enum Verdict: Equatable {
        case confirmed
        case unconfirmed
        /// More replicas are connected than were waited for.
        case askAgain
    }

    private let minimum: Int
    /// The replicas that were connected when it was asked last.
    private var connected = 0
    private var isAsking = false
    private var failures = 0
    /// Until when nobody waits.
    private var restsUntil: UInt64 = 0

    static let maximumFailures = 3
    static let rest: UInt64 = 5_000_000_000

    init(minimum: Int) { self.minimum = minimum }

    /// How many replicas are waited for.
    var wanted: Int { max(minimum, connected) }

    mutating func submit(now: UInt64) -> Submission {
        if now < restsUntil { return .skip }
        if isAsking { return .gather }
        isAsking = true
        return .ask
    }

    /// The replicas were asked.
    ///
    /// - Parameters:
    ///   - confirmed: How many have the writes; `nil` where that isn't known.
    ///   - asked: How many were waited for.
    ///   - connected: How many are connected; `nil` where the server doesn't tell.
    mutating func answered(confirmed: Int?, asked: Int, connected: Int?) -> Verdict {
        if let connected { self.connected = connected }
        guard let confirmed else { return .unconfirmed }
        if confirmed >= wanted { return .confirmed }
        return confirmed >= asked ? .askAgain : .unconfirmed
    }

    /// The writes that were sent are dealt with.
    mutating func ended(isConfirmed: Bool, hasGathered: Bool, now: UInt64) -> Next {
        failures = isConfirmed ? 0 : failures + 1
        if failures >= Self.maximumFailures { restsUntil = now &+ Self.rest }
        isAsking = hasGathered && now >= restsUntil
        guard hasGathered else { return .rest }
        return isAsking ? .ask : .skip
    }
}
