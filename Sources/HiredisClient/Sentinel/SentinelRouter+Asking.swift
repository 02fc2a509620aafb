import Logging
import NIOCore
import Synchronization

extension SentinelRouter {
    func askAll() {
        let sentinels = state.withLock { $0.isStopped ? [] : $0.sentinels }
        for (index, sentinel) in sentinels.enumerated() where sentinel.beginsAsking() {
            Task { [weak self, name = self.sentinels.masterName] in
                let answer = await sentinel.ask(name)
                self?.take(answer, of: index, sentinel)
            }
        }
    }

    /// Asks all Sentinels again in a moment, however often this is called until then.
    func askSoon() {
        let isFirst = state.withLock { state in
            guard state.hasStarted, !state.isStopped, !state.isAskingSoon else { return false }
            state.isAskingSoon = true
            return true
        }
        guard isFirst else { return }
        askAll()
        eventLoop.scheduleTask(in: Self.shortInterval) { [weak self] in
            guard let self else { return }
            let now = now
            let isUnsettled = state.withLock { state in
                state.isAskingSoon = false
                return state.machine.isUnsettled(now: now)
            }
            decide()
            if isUnsettled { askSoon() }
        }
    }

    private func take(_ answer: Result<SentinelQuestion.Answer, RedisError>, of index: Int, _ sentinel: Sentinel) {
        let now = now
        switch answer {
        case .success(.master(let address, let epoch)):
            let endpoint = endpoint(address)
            state.withLock { state in
                state.wasUnheard = false
                state.machine.reported(.init(master: endpoint, epoch: epoch, at: now), by: index)
            }
            learn(from: sentinel)
        case .success(.unknownName):
            state.withLock { $0.machine.knowsNothing(index) }
            if sentinel.isNews("unknown name") {
                logger.error(
                    "a Sentinel doesn't know the master by this name; see its configuration's 'sentinel monitor'",
                    metadata: ["sentinel": "\(sentinel.address)", "master": "\(sentinels.masterName)"])
            }
        case .failure(let error):
            if sentinel.isNews("\(error.code)") {
                logger.warning(
                    "a Sentinel doesn't answer", metadata: ["sentinel": "\(sentinel.address)", "error": "\(error)"])
            }
        }
        let isUnsettled = state.withLock { $0.machine.isUnsettled(now: now) }
        decide()
        if isUnsettled { askSoon() }
    }

    /// Takes the Sentinels that one of them knows, once.
    private func learn(from sentinel: Sentinel) {
        guard sentinel.beginsTelling() else { return }
        Task { [weak self, name = sentinels.masterName] in
            let others = await sentinel.others(of: name)
            self?.add(others)
        }
    }

    private func add(_ addresses: [RedisConfiguration.Address]) {
        let added = state.withLock { state -> [Sentinel] in
            guard !state.isStopped else { return [] }
            let known = Set(state.sentinels.map(\.address))
            let added = addresses.map { endpoint($0).address }.filter { !known.contains($0) }.prefix(
                max(0, Self.maximumSentinels - known.count)
            ).map { sentinel($0) }
            state.sentinels += added
            return added
        }
        for sentinel in added { listen(to: sentinel) }
    }

    private static let maximumSentinels = 32

    /// Where a server that is named by this address is reached from here.
    func endpoint(_ address: RedisConfiguration.Address) -> RedisEndpoint {
        guard let mapped = configuration.mapAddress?(address) else { return RedisEndpoint(address) }
        return RedisEndpoint(mapped.address, announcedName: mapped.serverName)
    }
}
