import Logging
import NIOCore
import RESP
import Synchronization

/// Follows the master that Sentinels name. All Sentinels are listened to and asked.
final class SentinelRouter: RedisRouter {
    struct State {
        var machine: SentinelMachine
        var node: RedisNode?
        /// Former masters, until what was sent to them is answered.
        var retired: [RedisNode] = []
        var sentinels: [Sentinel] = []
        var timer: RepeatedTask?
        var hasStarted = false
        var isStopped = false
        var isVerifying = false
        /// The question to a server that may be the master, while it is under way.
        var verification: Task<Void, Never>?
        var isAskingSoon = false
        var wasUnheard = false
        var onChange: @Sendable () -> Void = {}
    }

    let sentinels: RedisSentinels
    let configuration: RedisConfiguration
    let profile: ConnectionProfile
    private let sentinelProfile: ConnectionProfile
    let group: any EventLoopGroup
    let eventLoop: any EventLoop
    let numbers: LinkNumbers
    let replay: WriteReplay
    let logger: Logger
    let state: Mutex<State>

    /// How often the Sentinels are asked, in the mean, and while nothing is settled.
    private static let interval = TimeAmount.seconds(1)
    static let shortInterval = TimeAmount.milliseconds(50)
    /// How long commands wait for a master that isn't there, each within its own time. Beyond that they fail at once.
    private static let patience: UInt64 = 30_000_000_000
    /// How long a former master has for what was sent to it.
    static let grace = Duration.milliseconds(100)

    init(
        _ sentinels: RedisSentinels, configuration: RedisConfiguration, profile: ConnectionProfile,
        group: any EventLoopGroup, numbers: LinkNumbers, recentWrites: RecentWrites
    ) {
        replay = WriteReplay(recentWrites)
        self.sentinels = sentinels
        self.configuration = configuration
        self.profile = profile
        self.group = group
        self.numbers = numbers
        eventLoop = group.next()
        logger = configuration.logger
        sentinelProfile = ConnectionProfile(Self.configuration(of: sentinels, configuration))
        let machine = SentinelMachine(
            sentinels: sentinels.addresses.count, now: NIODeadline.now().uptimeNanoseconds)
        state = Mutex(State(machine: machine))
        state.withLock { state in
            state.sentinels = sentinels.addresses.map { sentinel($0) }
        }
    }

    private static func configuration(
        of sentinels: RedisSentinels, _ configuration: RedisConfiguration
    ) -> RedisConfiguration {
        var own = configuration
        own.username = sentinels.username
        own.password = sentinels.password
        own.database = 0
        own.connections = 1
        // A Sentinel has no role that would matter, and answers soon or not at all.
        own.allowsReplica = true
        own.commandTimeout = min(configuration.commandTimeout, .milliseconds(500))
        own.connectTimeout = min(configuration.connectTimeout, .seconds(1))
        switch sentinels.tls {
        case .inherited: break
        case .own(let tls): own.tls = tls
        case .off: own.tls = nil
        }
        return own
    }

    func sentinel(_ address: RedisConfiguration.Address) -> Sentinel {
        Sentinel(address, profile: sentinelProfile, eventLoop: eventLoop, numbers: numbers)
    }

    deinit { state.withLock { $0.timer?.cancel() } }

    var nodes: [RedisNode] { state.withLock { state in (state.node.map { [$0] } ?? []) + state.retired } }

    var subscriptionEndpoint: RedisEndpoint? { state.withLock { $0.node?.endpoint } }

    func node(for request: RESPRequest) throws(RedisError) -> RedisNode {
        let (node, hasStarted, isStopped) = state.withLock { ($0.node, $0.hasStarted, $0.isStopped) }
        if let node { return node }
        if isStopped { throw RedisError(.shutDown, "the client is shut down") }
        if !hasStarted { start() }
        throw RedisError(.notSent, "no Sentinel has named a master yet")
    }

    func consider(_ refusal: Refusal) -> NextStep {
        let code = refusal.error.code
        guard Self.concernsMaster(code) else { return .fail }
        let now = now
        let mayWait = state.withLock { state in
            if let node = refusal.node { state.machine.doubt(node.endpoint, now: now) }
            return !state.isStopped && now &- (state.machine.doubtfulSince ?? now) < Self.patience
        }
        askSoon()
        guard mayWait, code.isKnownNotExecuted || refusal.mayRepeat else { return .fail }
        return .again(after: code.serverErrorKind == .noReplicas ? 100_000_000 : 20_000_000)
    }

    private static func concernsMaster(_ code: RedisError.Code) -> Bool {
        switch code {
        case .notSent, .connectFailed, .connectionClosed, .outcomeUnknown, .timeout, .shutDown: true
        case .server(.readOnly), .server(.masterDown), .server(.loading), .server(.noReplicas): true
        default: false
        }
    }

    func isCurrent(origin: UInt64) -> Bool {
        state.withLock { $0.node?.allLinks.contains { $0.delivered(origin: origin) } ?? false }
    }

    func onChange(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onChange = body } }

    var now: UInt64 { NIODeadline.now().uptimeNanoseconds }
}

// MARK: Life

extension SentinelRouter {
    func start() {
        let sentinels = state.withLock { state -> [Sentinel] in
            guard !state.hasStarted, !state.isStopped else { return [] }
            state.hasStarted = true
            // Not all clients at the same instant.
            let jitter = Double.random(in: 0.8...1.2)
            state.timer = eventLoop.scheduleRepeatedTask(
                initialDelay: .nanoseconds(Int64(Double(Self.interval.nanoseconds) * jitter)),
                delay: .nanoseconds(Int64(Double(Self.interval.nanoseconds) * jitter))
            ) { [weak self] _ in self?.askAll() }
            return state.sentinels
        }
        for sentinel in sentinels { listen(to: sentinel) }
        askAll()
    }

    func stop() async {
        let (timer, verification, sentinels) = state.withLock { state in
            state.isStopped = true
            defer {
                state.timer = nil
                state.verification = nil
                state.sentinels = []
            }
            return (state.timer, state.verification, state.sentinels)
        }
        timer?.cancel()
        // Its connection is closed before the event loops may be.
        await verification?.value
        await withDiscardingTaskGroup { group in
            for sentinel in sentinels { group.addTask { await sentinel.shutDown() } }
        }
    }

    func listen(to sentinel: Sentinel) {
        sentinel.listen { [weak self] signal in
            if signal == .told { self?.askSoon() }
        }
    }
}
