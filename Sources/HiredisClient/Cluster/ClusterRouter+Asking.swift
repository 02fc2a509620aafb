import Logging
import NIOCore
import RESP
import Synchronization

extension ClusterRouter {
    func start() {
        let isFirst = state.withLock { state in
            guard !state.hasStarted, !state.isStopped else { return false }
            state.hasStarted = true
            state.timer = eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) {
                [weak self] _ in self?.look()
            }
            return true
        }
        if isFirst { step() }
    }

    func stop() async {
        let timer = state.withLock { state in
            state.isStopped = true
            return state.timer.take()
        }
        timer?.cancel()
    }

    /// A node that is down or silent may have lost its slots to another, of which only others tell.
    private func look() {
        state.withLock { state in
            for node in state.owners.lazy.compactMap({ $0 }) where node.isDown || node.isSilent {
                state.machine.doubt(node.endpoint)
            }
        }
        step()
    }

    /// Does what the machine says.
    func step() {
        while true {
            let now = now
            let (directive, adoption) = state.withLock { state -> (ClusterMachine.Directive, Adoption?) in
                guard state.hasStarted, !state.isStopped else { return (.none, nil) }
                let directive = state.machine.next(now: now)
                return (directive, directive == .use ? adopt(&state) : nil)
            }
            if let adoption { finish(adoption) }
            switch directive {
            case .none: return
            case .use: break
            case .wake(let pause): return wake(after: pause)
            case .ask(let endpoints, let round):
                for endpoint in endpoints {
                    Task { [weak self] in await self?.ask(endpoint, round: round) }
                }
            }
        }
    }

    private func wake(after pause: UInt64) {
        let isFirst = state.withLock { state in
            defer { state.isWakeScheduled = true }
            return !state.isWakeScheduled
        }
        guard isFirst else { return }
        eventLoop.scheduleTask(in: .nanoseconds(Int64(clamping: pause))) { [weak self] in
            self?.state.withLock { $0.isWakeScheduled = false }
            self?.step()
        }
    }

    private func ask(_ endpoint: RedisEndpoint, round: Int) async {
        let view = await view(of: endpoint)
        let now = now
        state.withLock { state in
            state.machine.answered(try? view.get(), by: endpoint, round: round, now: now)
            if case .failure(let error) = view { state.lastFault = error }
        }
        if case .failure(let error) = view {
            logger.debug(
                "a node doesn't tell of the cluster", metadata: ["node": "\(endpoint.address)", "error": "\(error)"])
        }
        step()
    }

    private func view(of endpoint: RedisEndpoint) async -> Result<ClusterView, RedisError> {
        guard let node = state.withLock({ node(at: endpoint, &$0) }) else {
            return .failure(RedisError(.shutDown, "the client is shut down"))
        }
        let timeout = min(configuration.commandTimeout.unsignedNanoseconds, Self.answerTimeout)
        let result = await node.link().perform(ClusterQuestion.view, timeout: timeout, retry: .always)
        return result.flatMap { replies in
            Result { () throws(RedisError) in
                try ClusterQuestion.view(replies, asked: endpoint) { self.endpoint($0, $1) }
            }
        }
    }
}
