import Logging
import NIOCore
import Synchronization

extension SentinelRouter {
    /// Asks the server that should be the master, one at a time, and follows it if it is.
    func decide() {
        let now = now
        state.withLock { state in
            guard !state.isStopped, !state.isVerifying, let candidate = state.machine.candidate(now: now) else {
                return
            }
            state.isVerifying = true
            state.verification = Task { [weak self] in
                await self?.examine(candidate)
                self?.decide()
            }
        }
    }

    private func examine(_ candidate: RedisEndpoint) async {
        var verdict = await verify(candidate)
        var prepared: Prepared?
        if verdict == .master, state.withLock({ $0.machine.master != candidate }) {
            prepared = await prepare(candidate)
            if prepared == nil { verdict = .unreachable }
        }
        await judged(candidate, verdict, prepared)
    }

    private func verify(_ endpoint: RedisEndpoint) async -> SentinelMachine.Verdict {
        var configuration = configuration
        configuration.connections = 1
        configuration.allowsReplica = true
        configuration.logger.logLevel = .critical
        let probe = RedisNode(
            endpoint, profile: ConnectionProfile(configuration, security: profile.security), group: eventLoop,
            numbers: numbers)
        let timeout = min(configuration.connectTimeout, .seconds(1))
        let result = await probe.links[0].perform(
            SentinelQuestion.role, timeout: timeout.unsignedNanoseconds, retry: .always)
        await probe.shutDown(grace: .zero)
        guard case .success(let replies) = result else { return .unreachable }
        return SentinelQuestion.verdict(replies) { self.endpoint($0) }
    }

    /// A server that is about to be the master: signed in, and told of writes up to this one.
    private struct Prepared {
        let node: RedisNode
        let writes: UInt64
    }

    /// Nobody is served by a new master before what ended or handed over somebody's access lately is repeated there: a
    /// replica that is promoted may not have heard of it.
    private func prepare(_ endpoint: RedisEndpoint) async -> Prepared? {
        let node = RedisNode(endpoint, profile: profile, group: group, numbers: numbers)
        node.connect()
        let timeout = configuration.commandTimeout.unsignedNanoseconds
        if let writes = await replay.run(on: node, after: 0, timeout: timeout) {
            return Prepared(node: node, writes: writes)
        }
        await node.shutDown(grace: .zero)
        return nil
    }

    private func judged(
        _ endpoint: RedisEndpoint, _ verdict: SentinelMachine.Verdict, _ prepared: Prepared?
    ) async {
        let now = now
        let (isNew, former, onChange) = state.withLock { state -> (Bool, RedisNode?, @Sendable () -> Void) in
            state.isVerifying = false
            guard !state.isStopped, state.machine.judged(endpoint, verdict, now: now), let prepared else {
                return (false, nil, {})
            }
            let former = state.node
            state.node = prepared.node
            if let former { state.retired.append(former) }
            return (true, former, state.onChange)
        }
        guard let prepared else { return }
        guard isNew else { return await prepared.node.shutDown(grace: .zero) }
        logger.notice(
            "the master is another server",
            metadata: [
                "master": "\(endpoint.address)", "former": "\(former.map { "\($0.endpoint.address)" } ?? "none")",
            ])
        onChange()
        // What the former master has taken since.
        _ = await replay.run(
            on: prepared.node, after: prepared.writes, timeout: configuration.commandTimeout.unsignedNanoseconds)
        guard let former else { return }
        Task { [weak self] in
            // Takes nothing new from here on; what was sent has a moment to be answered.
            await former.shutDown(grace: Self.grace)
            self?.state.withLock { $0.retired.removeAll { $0 === former } }
        }
    }
}
