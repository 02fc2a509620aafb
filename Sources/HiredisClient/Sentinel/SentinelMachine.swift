/// All that is decided about which server is the master: by what Sentinels report and what the servers say of
/// themselves. A pure value; times are nanoseconds on a monotonic clock.
///
/// A report alone moves nothing: the server that it names must say that it is a master. And most of the Sentinels that
/// answer must name it, so that one that lies or was left behind moves nobody; only where they are divided for long,
/// and there is no master, the latest configuration wins. An older configuration than the one that is followed never
/// does while that has a master.
struct SentinelMachine {
    /// What a Sentinel says of the master.
    struct Report: Sendable, Equatable {
        var master: RedisEndpoint
        /// Counts the changes of master that Sentinels have agreed on.
        var epoch: Int
        var at: UInt64
    }

    /// What a server says of itself.
    enum Verdict: Sendable, Equatable {
        case master
        case replica(of: RedisEndpoint?)
        case unreachable
    }

    /// How long a report counts.
    static let reportLife: UInt64 = 3_000_000_000
    /// How soon a server that was no master may be asked again.
    static let pause: UInt64 = 100_000_000
    /// The same, of a server that Sentinels name though it follows the present master.
    static let longPause: UInt64 = 1_000_000_000

    /// How long the answers of most are waited for.
    static let patience: UInt64 = 1_000_000_000

    private let count: Int
    private var reports: [Int: Report] = [:]
    /// Since when each Sentinel names the server that it names.
    private var namedSince: [Int: UInt64] = [:]
    private var askAgainAt: [RedisEndpoint: UInt64] = [:]
    /// The master of a server that Sentinels name and that turned out to be a replica.
    private var followed: RedisEndpoint?

    /// The server that is used.
    private(set) var master: RedisEndpoint?
    private(set) var epoch = 0
    /// How often the master has changed.
    private(set) var generation = 0
    /// Since when there is no master that is known to be one.
    private(set) var doubtfulSince: UInt64?

    /// - Parameter count: How many Sentinels are configured.
    init(sentinels count: Int, now: UInt64) {
        self.count = count
        doubtfulSince = now
    }

    /// A Sentinel has answered.
    mutating func reported(_ report: Report, by sentinel: Int) {
        if reports[sentinel]?.master != report.master { namedSince[sentinel] = report.at }
        reports[sentinel] = report
    }

    /// A Sentinel has answered that it doesn't know the master.
    mutating func knowsNothing(_ sentinel: Int) { reports[sentinel] = nil }

    /// The present master refuses, or can't be reached.
    mutating func doubt(_ endpoint: RedisEndpoint, now: UInt64) {
        if endpoint == master, doubtfulSince == nil { doubtfulSince = now }
    }

    /// Whether the Sentinels are to be asked again soon.
    func isUnsettled(now: UInt64) -> Bool {
        doubtfulSince != nil
            || reports.contains { sentinel, report in
                report.epoch >= epoch && report.master != master && now &- report.at <= Self.reportLife
                    && now &- namedSince[sentinel, default: 0] <= Self.reportLife
            }
    }

    /// The server that should be asked whether it is the master.
    func candidate(now: UInt64) -> RedisEndpoint? {
        let reports = fresh(now)
        let isDoubtful = doubtfulSince != nil
        let isOverdue = doubtfulSince.map { now &- $0 > Self.patience } ?? false
        guard master != nil || isOverdue || 2 * reports.count > count else { return nil }
        var choices: [(endpoint: RedisEndpoint, epoch: Int, count: Int)] = []
        for report in reports {
            if let index = choices.firstIndex(where: { $0.endpoint == report.master }) {
                choices[index].epoch = max(choices[index].epoch, report.epoch)
                choices[index].count += 1
            } else {
                choices.append((report.master, report.epoch, 1))
            }
        }
        choices.sort { ($0.epoch, $0.count) > ($1.epoch, $1.count) }
        if let followed, followed != master, mayAsk(followed, now) { return followed }
        let isDivided = !choices.contains { 2 * $0.count > reports.count }
        for choice in choices {
            let isMajority = 2 * choice.count > reports.count
            guard isMajority || isDivided && isOverdue, choice.epoch >= epoch || isMajority && isDoubtful else {
                continue
            }
            if choice.endpoint == master, !isDoubtful { return nil }
            if mayAsk(choice.endpoint, now) { return choice.endpoint }
        }
        if isDoubtful, let master, mayAsk(master, now) { return master }
        return nil
    }

    /// A server has said what it is.
    ///
    /// - Returns: Whether it is the master from now on, and wasn't.
    mutating func judged(_ endpoint: RedisEndpoint, _ verdict: Verdict, now: UInt64) -> Bool {
        switch verdict {
        case .master:
            askAgainAt[endpoint] = nil
            followed = nil
            doubtfulSince = nil
            let named = reports.values.lazy.filter { $0.master == endpoint }.map(\.epoch).max()
            // One that no Sentinel names, but a server that they name, is of the configuration that they have.
            epoch = named ?? epoch
            guard endpoint != master else { return false }
            master = endpoint
            generation += 1
            return true
        case .replica(let other):
            askAgainAt[endpoint] = now &+ (other == master ? Self.longPause : Self.pause)
            if followed == endpoint { followed = nil }
            if endpoint == master, doubtfulSince == nil { doubtfulSince = now }
            if let other, other != endpoint, other != master { followed = other }
        case .unreachable:
            askAgainAt[endpoint] = now &+ Self.pause
            if followed == endpoint { followed = nil }
        }
        return false
    }

    private func mayAsk(_ endpoint: RedisEndpoint, _ now: UInt64) -> Bool { now >= askAgainAt[endpoint] ?? 0 }

    private func fresh(_ now: UInt64) -> [Report] {
        reports.values.filter { now &- $0.at <= Self.reportLife }
    }
}
