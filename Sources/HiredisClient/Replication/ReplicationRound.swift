import Synchronization

/// Writes that were sent together, and whether the replicas have confirmed them. Thread-safe.
final class ReplicationRound: Sendable {
    private struct State {
        var isOver = false
        var origin: UInt64?
        var lastNumber = 0
        var waiters: [Int: UnsafeContinuation<UInt64?, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Waits until it is known; no longer than its task lasts.
    ///
    /// - Returns: The origin of the replies that are confirmed: by another connection nothing was. `nil` where the
    ///   replicas haven't confirmed.
    func confirmation() async -> UInt64? {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return await withTaskCancellationHandler {
            // Resumed once: by whoever takes it out of the state.
            await withUnsafeContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.isOver { state.waiters[number] = continuation }
                    return state.isOver
                }
                if isOver { continuation.resume(returning: state.withLock { $0.origin }) }
                if Task.isCancelled { giveUp(number) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    /// - Parameter origin: The connection by which the replicas have confirmed; `nil` where they haven't.
    func end(_ origin: UInt64?) {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isOver = true
            state.origin = origin
            return state.waiters.values.map(\.self)
        }
        for waiter in waiters { waiter.resume(returning: origin) }
    }

    private func giveUp(_ number: Int) {
        state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(returning: nil)
    }
}
