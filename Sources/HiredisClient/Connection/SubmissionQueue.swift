import RESP
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
        /// The bytes of the batch's commands.
        var byteCount = 0

        mutating func wake() -> Outcome {
            defer { isWakeUnderway = true }
            return isWakeUnderway ? .taken : .wake
        }

        mutating func takeBatch() -> Batch {
            defer {
                batch = Batch()
                byteCount = 0
            }
            return batch
        }
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let maximumBytes: Int

    /// - Parameters:
    ///   - capacity: How many commands may wait for the event loop.
    ///   - maximumBytes: How many bytes these may have. One alone may have more.
    init(capacity: Int, maximumBytes: Int) {
        self.capacity = capacity
        self.maximumBytes = maximumBytes
    }

    func submit(_ command: PendingCommand<Waiter>) -> Outcome {
        state.withLock { state in
            if state.isClosed { return .closed }
            let count = state.batch.commands.count
            let byteCount = state.byteCount + command.request.bytes.count
            if count >= capacity || count > 0 && byteCount > maximumBytes { return .full }
            state.byteCount = byteCount
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
            return state.takeBatch()
        }
    }

    /// Takes nothing from now on, and returns what was not drained.
    func close() -> Batch {
        state.withLock { state in
            state.isClosed = true
            return state.takeBatch()
        }
    }
}
