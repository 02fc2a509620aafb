import Logging
import NIOCore
import RESP
import Synchronization

/// Sends each command to the node of a Redis Cluster that has its key.
final class ClusterRouter: RedisRouter {
    struct State {
        var machine: ClusterMachine
        var nodes: [RedisEndpoint: RedisNode] = [:]
        /// The table that was taken last.
        var table = SlotTable()
        /// The nodes by their index in the machine's table.
        var owners: [RedisNode?] = []
        /// Nodes that have left the table, until what was sent to them is answered.
        var retired: [RedisNode] = []
        var timer: RepeatedTask?
        var hasStarted = false
        var isStopped = false
        var isWakeScheduled = false
        var turn = 0
        /// Where the messages come from.
        var messenger: RedisEndpoint?
        var lastFault: RedisError?
        var onChange: @Sendable () -> Void = {}
    }

    let configuration: RedisConfiguration
    private let profile: ConnectionProfile
    private let group: any EventLoopGroup
    let eventLoop: any EventLoop
    private let numbers: LinkNumbers
    let replay: WriteReplay
    let logger: Logger
    let state: Mutex<State>

    /// How often it is looked whether a node is down or silent.
    static let interval = TimeAmount.milliseconds(500)
    /// How long a node has to tell of the cluster.
    static let answerTimeout: UInt64 = 500_000_000
    /// How long commands wait, each within its own time, while no node tells of the cluster. Beyond that they fail at
    /// once.
    private static let patience: UInt64 = 30_000_000_000
    /// How long a node that has left the table has for what was sent to it.
    private static let grace = Duration.milliseconds(100)
    /// How often a command is sent on to where a node says that its key is.
    private static let maximumHops = 5

    init(
        _ seeds: [RedisConfiguration.Address], configuration: RedisConfiguration, profile: ConnectionProfile,
        group: any EventLoopGroup, numbers: LinkNumbers, recentWrites: RecentWrites
    ) {
        self.configuration = configuration
        self.group = group
        self.numbers = numbers
        replay = WriteReplay(recentWrites)
        eventLoop = group.next()
        logger = configuration.logger
        // A node of a cluster refuses by itself what it isn't the master of.
        var own = configuration
        own.allowsReplica = true
        self.profile = ConnectionProfile(own, security: profile.security)
        state = Mutex(
            State(
                machine: ClusterMachine(
                    seeds: seeds.map { RedisEndpoint($0) }, now: NIODeadline.now().uptimeNanoseconds)))
    }

    deinit { state.withLock { $0.timer?.cancel() } }

    var nodes: [RedisNode] { state.withLock { Array($0.nodes.values) + $0.retired } }

    func node(for request: RESPRequest) throws(RedisError) -> RedisNode {
        let slot = request.withKey { HashSlot(key: $0) }
        let (node, hasStarted, isStopped, fault) = state.withLock { state in
            let node = slot.map { owner(of: $0, &state) } ?? anyMaster(&state)
            return (node, state.hasStarted, state.isStopped, node == nil ? state.lastFault : nil)
        }
        if let node { return node }
        if isStopped { throw RedisError(.shutDown, "the client is shut down") }
        if !hasStarted { start() }
        let message = slot == nil ? "no node of the cluster is known" : "no node is known to have the key's slot"
        throw RedisError(.notSent, message, underlying: fault)
    }

    func consider(_ refusal: Refusal) -> NextStep {
        let code = refusal.error.code
        switch code.serverErrorKind {
        case .moved?, .ask?: return redirect(refusal)
        case .tryAgain?: return again(refusal)
        case .clusterDown?, .masterDown?, .loading?, .readOnly?, .noReplicas?: break
        case nil where Self.concernsNode(code): break
        default: return .fail
        }
        state.withLock { $0.machine.doubt(refusal.node?.endpoint) }
        step()
        return code.isKnownNotExecuted || refusal.mayRepeat ? again(refusal) : .fail
    }

    private static func concernsNode(_ code: RedisError.Code) -> Bool {
        switch code {
        case .notSent, .connectFailed, .connectionClosed, .outcomeUnknown, .timeout, .timeoutNotSent, .shutDown: true
        default: false
        }
    }

    /// A pause that grows with the attempts, and isn't the same for all commands.
    private func again(_ refusal: Refusal, atLeast minimum: UInt64 = 0) -> NextStep {
        let now = now
        let mayWait = state.withLock { state in
            !state.isStopped && now &- state.machine.settledAt < Self.patience
        }
        guard mayWait else { return .fail }
        let pause: UInt64 = min(200, 10 << UInt64(min(refusal.attempts, 5))) * 1_000_000
        return .again(after: max(minimum, UInt64.random(in: pause / 2...pause)))
    }

    func isCurrent(origin: UInt64) -> Bool {
        state.withLock { state in
            state.nodes.values.contains { node in node.allLinks.contains { $0.delivered(origin: origin) } }
        }
    }

    func onChange(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onChange = body } }

    /// Messages are published in all nodes, so it may be any. Each call chooses anew.
    var subscriptionEndpoint: RedisEndpoint? {
        let (endpoint, hasStarted) = state.withLock { state in
            state.messenger = anyMaster(&state)?.endpoint
            return (state.messenger, state.hasStarted)
        }
        if endpoint == nil, !hasStarted { start() }
        return endpoint
    }

    var now: UInt64 { NIODeadline.now().uptimeNanoseconds }
}

// MARK: Redirections

extension ClusterRouter {
    private func redirect(_ refusal: Refusal) -> NextStep {
        guard let reply = refusal.reply, let redirection = Redirection(reply) else { return .fail }
        let (now, isMove) = (now, refusal.error.code == .server(.moved))
        let target = endpoint(of: redirection, by: refusal.node)
        let node = state.withLock { state -> RedisNode? in
            guard !state.isStopped, let target, let node = self.node(at: target, &state) else { return nil }
            if node.isDown {
                // The one that has said it may not know yet who takes its place.
                state.machine.doubt(target)
            } else if isMove {
                state.machine.moved(redirection.slot, to: target, now: now)
                arrangeOwners(&state)
            } else {
                state.machine.learned(target, now: now)
            }
            return node
        }
        step()
        // Of several keys each may be elsewhere: the caller asks for each.
        guard let node, refusal.request.keyCount <= 1, refusal.hops < Self.maximumHops else { return .fail }
        return node.isDown ? again(refusal, atLeast: 100_000_000) : .redirect(node, asking: !isMove)
    }

    private func endpoint(of redirection: Redirection, by node: RedisNode?) -> RedisEndpoint? {
        if redirection.host.isEmpty {
            guard let asked = node?.endpoint, case .host(let host, _) = asked.address else { return nil }
            return RedisEndpoint(.host(host, port: redirection.port), announcedName: asked.announcedName)
        }
        let endpoint = endpoint(.host(redirection.host, port: redirection.port), nil)
        return state.withLock { $0.machine.known(endpoint.address) } ?? endpoint
    }

    /// Where a node that is named by this address is reached from here.
    func endpoint(_ address: RedisConfiguration.Address, _ announcedName: String?) -> RedisEndpoint {
        guard let mapped = configuration.mapAddress?(address) else {
            return RedisEndpoint(address, announcedName: announcedName)
        }
        return RedisEndpoint(mapped.address, announcedName: mapped.serverName ?? announcedName)
    }
}

// MARK: Nodes

extension ClusterRouter {
    private func owner(of slot: HashSlot, _ state: inout State) -> RedisNode? {
        guard let index = state.machine.table.owner(of: slot), state.owners.indices.contains(index) else { return nil }
        return state.owners[index]
    }

    /// A master for what any can answer: one that is up, if there is one.
    private func anyMaster(_ state: inout State) -> RedisNode? {
        let masters = state.owners.compactMap { $0 }
        guard !masters.isEmpty else { return nil }
        state.turn &+= 1
        let start = state.turn % masters.count
        let inTurn = masters[start...] + masters[..<start]
        return inTurn.first { !$0.isDown && !$0.isSilent } ?? inTurn.first
    }

    /// The node at an endpoint, made if there is none yet.
    func node(at endpoint: RedisEndpoint, _ state: inout State) -> RedisNode? {
        if let node = state.nodes[endpoint] { return node }
        guard !state.isStopped, state.nodes.count < SlotTable.maximumEndpoints else { return nil }
        let node = RedisNode(endpoint, profile: profile, group: group, numbers: numbers)
        state.nodes[endpoint] = node
        return node
    }

    private func arrangeOwners(_ state: inout State) {
        let endpoints = state.machine.table.endpoints
        // A table only grows until another takes its place.
        for endpoint in endpoints.dropFirst(state.owners.count) { state.owners.append(node(at: endpoint, &state)) }
    }

    /// What is left to do when the machine's table was taken.
    struct Adoption {
        let gone: [RedisNode]
        let onChange: (@Sendable () -> Void)?
        let former: SlotTable
        let table: SlotTable
        let owners: [RedisNode?]
    }

    /// Takes the machine's table, and gives up the nodes that it doesn't have. In one step with the machine's, so that
    /// nobody sees a table with the nodes of another.
    func adopt(_ state: inout State) -> Adoption {
        state.lastFault = nil
        state.owners = []
        arrangeOwners(&state)
        let machine = state.machine
        let gone = state.nodes.values.filter { !machine.needs($0.endpoint) }
        for node in gone { state.nodes[node.endpoint] = nil }
        state.retired += gone
        let former = state.table
        state.table = machine.table
        var onChange: (@Sendable () -> Void)?
        if let messenger = state.messenger, state.nodes[messenger] == nil {
            state.messenger = nil
            onChange = state.onChange
        }
        return Adoption(gone: gone, onChange: onChange, former: former, table: machine.table, owners: state.owners)
    }

    func finish(_ adoption: Adoption) {
        adoption.onChange?()
        repeatWrites(adoption)
        for node in adoption.gone {
            logger.debug("a node has no slots any more", metadata: ["node": "\(node.endpoint.address)"])
            Task { [weak self] in
                // Takes nothing new from here on; what was sent has a moment to be answered.
                await node.shutDown(grace: Self.grace)
                self?.state.withLock { $0.retired.removeAll { $0 === node } }
            }
        }
    }
}

// MARK: The whole cluster

extension ClusterRouter {
    /// The masters, in the order of their names, and what differs when the slots are distributed otherwise; `nil` while
    /// nothing is known.
    var masters: (nodes: [RedisNode], fingerprint: UInt64)? {
        state.withLock { state in
            let nodes = state.owners.compactMap { $0 }
            guard !nodes.isEmpty else { return nil }
            return (
                nodes.sorted { "\($0.endpoint.address)" < "\($1.endpoint.address)" },
                state.machine.table.fingerprint
            )
        }
    }

    /// How many tables were taken so far.
    var generation: Int { state.withLock { $0.machine.generation } }

    /// Has the nodes asked for the slots, soon.
    func refresh() {
        start()
        state.withLock { $0.machine.doubt(nil) }
        step()
    }
}
