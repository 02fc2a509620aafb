/// All that is decided about which nodes of a Redis Cluster have which slots: by redirections, each of which holds for
/// its slot at once, and by what nodes answer when they are asked. A pure value; times are nanoseconds on a monotonic
/// clock.
///
/// Two nodes are asked in a round, and the one that has heard of more changes is believed. Rounds are not more frequent
/// than ``minimumInterval``, however many redirections and failures come. An answer that covers no more than half of
/// the slots is that of a node which was left alone, and changes nothing.
struct ClusterMachine {
    /// What the router must do next.
    enum Directive: Equatable {
        case none
        /// Call ``next(now:)`` after so many nanoseconds.
        case wake(after: UInt64)
        /// Ask these nodes, and report each by ``answered(_:by:round:now:)``.
        case ask([RedisEndpoint], round: Int)
        /// The table is new: make nodes that are needed, and give up those that aren't.
        case use
    }

    private struct Round {
        var asked: [RedisEndpoint]
        var pending: Set<RedisEndpoint>
        var answers: [ClusterView] = []
        /// When the answers that there are must do.
        var end: UInt64 = .max
    }

    static let minimumInterval: UInt64 = 200_000_000
    static let period: UInt64 = 30_000_000_000
    /// How long a second answer is waited for.
    static let patience: UInt64 = 100_000_000
    /// How long a node that was only named by a redirection is kept though no answer has it.
    static let memory: UInt64 = 2_000_000_000
    /// How long answers are refused that have heard of fewer changes than one before.
    static let stubbornness: UInt64 = 3_000_000_000

    private let seeds: [RedisEndpoint]
    private var generator: any RandomNumberGenerator & Sendable
    private var isWanted = true
    private var round: Round?
    private var number = 0
    private var lastRound: UInt64?
    private var nextPeriod: UInt64 = 0
    /// Nodes that should not be asked first: those in question, and those that didn't answer.
    private var doubted: Set<RedisEndpoint> = []
    private var learnedAt: [RedisEndpoint: UInt64] = [:]
    private var epoch = 0

    private(set) var table = SlotTable()
    /// When a table was taken last; before that, when all began.
    private(set) var settledAt: UInt64
    /// How many tables were taken.
    private(set) var generation = 0

    init(
        seeds: [RedisEndpoint], now: UInt64,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.seeds = seeds
        self.generator = generator
        settledAt = now
    }
}

// MARK: Events

extension ClusterMachine {
    /// The table may be old.
    ///
    /// - Parameter suspect: The node that gave cause for it: others are asked.
    mutating func doubt(_ suspect: RedisEndpoint?) {
        isWanted = true
        if let suspect { doubted.insert(suspect) }
    }

    /// A node has said that a slot is another's.
    mutating func moved(_ slot: HashSlot, to endpoint: RedisEndpoint, now: UInt64) {
        isWanted = true
        learned(endpoint, now: now)
        table.assign(slot, to: endpoint)
    }

    /// A node has been named that may be in no answer yet.
    mutating func learned(_ endpoint: RedisEndpoint, now: UInt64) {
        if learnedAt.count < SlotTable.maximumEndpoints { learnedAt[endpoint] = now }
    }

    /// A node that was asked has answered, or hasn't.
    mutating func answered(_ view: ClusterView?, by endpoint: RedisEndpoint, round: Int, now: UInt64) {
        guard round == number, var current = self.round, current.pending.remove(endpoint) != nil else { return }
        if let view, 2 * view.coverage > HashSlot.count {
            current.answers.append(view)
            current.end = min(current.end, now &+ Self.patience)
        } else {
            doubted.insert(endpoint)
        }
        self.round = current
    }

    mutating func next(now: UInt64) -> Directive {
        if let round {
            guard round.pending.isEmpty || now >= round.end else {
                return round.end == .max ? .none : .wake(after: round.end &- now)
            }
            self.round = nil
            if conclude(round, now: now) { return .use }
        }
        guard isWanted || now >= nextPeriod else { return .none }
        if let lastRound, now &- lastRound < Self.minimumInterval {
            return .wake(after: lastRound &+ Self.minimumInterval &- now)
        }
        return begin(now: now)
    }
}

// MARK: Decisions

extension ClusterMachine {
    private mutating func begin(now: UInt64) -> Directive {
        var candidates = candidates()
        if candidates.isEmpty {
            // Nobody is better than another any more.
            doubted = []
            candidates = self.candidates()
        }
        let asked = Array(candidates.prefix(2))
        number += 1
        lastRound = now
        isWanted = false
        round = Round(asked: asked, pending: Set(asked))
        return .ask(asked, round: number)
    }

    /// The nodes that may be asked: those of the table in any order, then those that were there at the beginning.
    private mutating func candidates() -> [RedisEndpoint] {
        let masters = table.endpoints.shuffled(using: &generator).filter { !doubted.contains($0) }
        let others = seeds.shuffled(using: &generator).filter { !doubted.contains($0) && !masters.contains($0) }
        return masters + others
    }

    /// Takes what the node says that has heard of the most changes.
    ///
    /// - Returns: Whether there is a new table.
    private mutating func conclude(_ round: Round, now: UInt64) -> Bool {
        doubted.formUnion(round.pending)
        let best = round.answers.max { $0.epoch < $1.epoch }
        guard let best, best.epoch >= epoch || now &- settledAt >= Self.stubbornness else {
            isWanted = true
            return false
        }
        doubted = []
        epoch = best.epoch
        table = SlotTable(best)
        settledAt = now
        generation += 1
        learnedAt = learnedAt.filter { now &- $0.value < Self.memory }
        // Not all clients at the same instant.
        let jitter = Double.random(in: 0.8...1.2, using: &generator)
        nextPeriod = now &+ UInt64(Double(Self.period) * jitter)
        return true
    }

    /// Whether commands may go to a node.
    func needs(_ endpoint: RedisEndpoint) -> Bool {
        learnedAt[endpoint] != nil || table.endpoints.contains(endpoint)
    }

    /// The node at an address, under the name that it has in the table.
    func known(_ address: RedisConfiguration.Address) -> RedisEndpoint? {
        table.endpoints.first { $0.address == address }
    }
}
