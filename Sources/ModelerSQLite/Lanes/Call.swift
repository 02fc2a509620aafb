import GRDB
import Modeler

/// A caller that waits for work on a connection. It gets exactly one answer: what came of the work, an error, or, at
/// its cancellation or its deadline, that it waits no longer.
final class Call<Value: Sendable>: LaneWork {
    typealias Answer = Result<Value, ModelError>

    private struct State {
        var isStarted = false
        var isOver = false
        var outcome: Answer?
        var continuation: CheckedContinuation<Answer, Never>?
    }

    let deadline: ContinuousClock.Instant
    private let writes: Bool
    private let body: @Sendable (Database) throws -> Value
    private let state = Guarded(State())

    /// - Parameters:
    ///   - deadline: When the caller stops waiting.
    ///   - writes: Whether giving the work up halfway leaves open what is stored.
    ///   - body: The work. It throws a `ModelError` only before it has changed anything.
    init(deadline: ContinuousClock.Instant, writes: Bool, body: @escaping @Sendable (Database) throws -> Value) {
        self.deadline = deadline
        self.writes = writes
        self.body = body
    }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// Waits for the answer, after handing the call to a lane.
    func answer(on lane: Lane) async -> Answer {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.isOver { state.continuation = continuation }
                    return state.isOver
                }
                if isOver { return continuation.resume(returning: .failure(Self.cancelled)) }
                lane.enqueue(self)
            }
        } onCancel: {
            fail(Self.cancelled)
        }
    }

    func start() -> Bool {
        state.withLock { state in
            if !state.isOver { state.isStarted = true }
            return !state.isOver
        }
    }

    func run(_ db: Database) throws {
        let outcome: Answer
        do {
            outcome = .success(try body(db))
        } catch let error as ModelError {
            outcome = .failure(error)
        }
        state.withLock { $0.outcome = outcome }
    }

    func deliver() {
        let outcome = state.withLock { $0.outcome }
        finish(outcome ?? .failure(ModelError(.unavailable, "the work was not done")))
    }

    func fail(_ error: ModelError) {
        finish(.failure(error))
    }

    func expire() {
        let isUnknown = state.withLock { $0.isStarted } && writes
        fail(
            isUnknown
                ? ModelError(.outcomeUnknown, "the disk did not confirm the write in time")
                : ModelError(.timeout, "the file did not serve the operation in time")
        )
    }

    private func finish(_ answer: Answer) {
        let continuation = state.withLock { state in
            state.isOver = true
            return state.continuation.take()
        }
        continuation?.resume(returning: answer)
    }

    private static var cancelled: ModelError { ModelError(.cancelled, "the task was cancelled") }
}
