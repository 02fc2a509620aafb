import Synchronization

/// Commands and cancellations on their way from other threads to a connection's event loop, in batches.
final class SubmissionQueue<Waiter: Sendable>: Sendable {
    struct Batch: Sendable {
        var commands: [PendingCommand<Waiter>] = []
        var cancelled: Set<UInt64> = []
    }

    enum Outcome {
        /// Taken; whoever is told so must wake the event loop.
        case wake
        /// Taken; the loop was woken already.
        case taken
        case full
        case closed
    }

    private struct State {
        var batch = Batch()
        var isWakeUnderway = false
        var isClosed = false

        mutating func wake() -> Outcome {
            defer { isWakeUnderway = true }
            return isWakeUnderway ? .taken : .wake
        }
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    func submit(_ command: PendingCommand<Waiter>) -> Outcome {
        state.withLock { state in
            if state.isClosed { return .closed }
            if state.batch.commands.count >= capacity { return .full }
            state.batch.commands.append(command)
            return state.wake()
        }
    }

    /// Cancels a command. One that isn't known is forgotten: a caller that cancels before it submits asks again.
    func cancel(_ id: UInt64) -> Outcome {
        state.withLock { state in
            if state.isClosed { return .closed }
            state.batch.cancelled.insert(id)
            return state.wake()
        }
    }

    /// Everything so far. A cancellation never overtakes the command that it is for.
    func drain() -> Batch {
        state.withLock { state in
            state.isWakeUnderway = false
            let batch = state.batch
            state.batch = Batch()
            return batch
        }
    }

    /// Takes nothing from now on, and returns what was not drained.
    func close() -> Batch {
        state.withLock { state in
            state.isClosed = true
            let batch = state.batch
            state.batch = Batch()
            return batch
        }
    }
}
