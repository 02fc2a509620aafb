import NIOCore
import RESP
import Synchronization

/// One Sentinel: a connection to ask it, and one on which it tells of changes. Thread-safe.
final class Sentinel: Sendable {
    private struct State {
        var isAsking = false
        var hasTold = false
        var lastFault: String?
        var subscription: RedisSubscription?
    }

    let address: RedisConfiguration.Address
    private let node: RedisNode
    private let subscriber: RedisSubscriber
    private let timeout: UInt64
    private let state = Mutex(State())

    init(
        _ address: RedisConfiguration.Address, profile: ConnectionProfile, eventLoop: any EventLoop,
        numbers: LinkNumbers
    ) {
        self.address = address
        timeout = profile.configuration.commandTimeout.unsignedNanoseconds
        let endpoint = RedisEndpoint(address)
        node = RedisNode(endpoint, profile: profile, group: eventLoop, numbers: numbers)
        subscriber = RedisSubscriber(profile: profile, eventLoop: eventLoop) { endpoint }
    }

    deinit { subscriber.close(promise: nil) }

    /// Whether nobody asks it at present; then the caller does.
    func beginsAsking() -> Bool {
        state.withLock { state in
            defer { state.isAsking = true }
            return !state.isAsking
        }
    }

    /// Whether it hasn't been asked for the others; then the caller does.
    func beginsTelling() -> Bool {
        state.withLock { state in
            defer { state.hasTold = true }
            return !state.hasTold
        }
    }

    /// Whether this fault wasn't the last thing that was heard of it.
    func isNews(_ fault: String) -> Bool {
        state.withLock { state in
            defer { state.lastFault = fault }
            return state.lastFault != fault
        }
    }

    func ask(_ name: String) async -> Result<SentinelQuestion.Answer, RedisError> {
        let result = await node.link().perform(
            SentinelQuestion.master(named: name), timeout: timeout, retry: .always)
        let answer = result.flatMap { replies in
            Result { () throws(RedisError) in try SentinelQuestion.answer(replies) }
        }
        state.withLock { state in
            state.isAsking = false
            if case .success(.master) = answer { state.lastFault = nil }
        }
        return answer
    }

    func others(of name: String) async -> [RedisConfiguration.Address] {
        let result = await node.link().perform(
            SentinelQuestion.others(of: name), timeout: timeout, retry: .always)
        guard case .success(let replies) = result else { return [] }
        return SentinelQuestion.others(replies)
    }

    func listen(_ listener: @escaping @Sendable (SubscriptionSignal) -> Void) {
        let subscription = subscriber.subscribe(to: "+switch-master", listener)
        state.withLock { $0.subscription = subscription }
    }

    func shutDown() async {
        await subscriber.shutDown()
        await node.shutDown(grace: .zero)
    }
}
