import Modeler
import Synchronization

/// The time that one request may spend waiting for its store.
final class StoreBudget: Sendable {
    /// The budget of the request that a task works for.
    @TaskLocal static var current: StoreBudget?

    private let milliseconds: Int64
    private let spent = Mutex<Int64>(0)

    init(_ limit: Duration) {
        milliseconds = limit.wholeMilliseconds
    }

    /// Asks the store, for as long as there is time left. What is under way when the time is over is cancelled, which a
    /// store answers at once.
    func run<Answer: Sendable>(
        _ question: @escaping @Sendable () async throws(ModelError) -> Answer
    ) async throws(ModelError) -> Answer {
        guard let left = remaining() else {
            throw ModelError(.timeout, "the request's time with the store (store.deadline) is over")
        }
        let start = ContinuousClock.now
        defer { spend(since: start) }
        return try await Self.race(question, against: left).get()
    }

    private static func race<Answer: Sendable>(
        _ question: @escaping @Sendable () async throws(ModelError) -> Answer,
        against limit: Duration
    ) async -> Result<Answer, ModelError> {
        await withTaskGroup(of: Result<Answer, ModelError>?.self) { group in
            group.addTask {
                do throws(ModelError) {
                    return .success(try await question())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                // Cancelled, the answer has come.
                try? await Task.sleep(for: limit)
                return nil
            }
            var isOver = false
            for await result in group {
                guard let result else {
                    isOver = true
                    group.cancelAll()
                    continue
                }
                group.cancelAll()
                if isOver, case .failure(let error) = result, error.code == .cancelled {
                    // What was under way may have been written.
                    return .failure(
                        ModelError(.outcomeUnknown, "the request's time with the store (store.deadline) is over"))
                }
                return result
            }
            return .failure(ModelError(.cancelled, "the store was not asked"))
        }
    }

    // Arithmetic on durations stays out of asynchronous functions.

    @inline(never)
    private func remaining() -> Duration? {
        let left = milliseconds - spent.withLock { $0 }
        return left > 0 ? .milliseconds(left) : nil
    }

    @inline(never)
    private func spend(since start: ContinuousClock.Instant) {
        let elapsed = (ContinuousClock.now - start).wholeMilliseconds
        spent.withLock { $0 += elapsed }
    }
}

extension SessionManager {
    /// Runs what handles a request, within ``SessionOptions/Store/deadline`` if there is one: adapters put it around
    /// all that they do for a request, ``begin(_:)``, the handler and ``finish(_:headerFields:)``.
    public func withStoreDeadline<Result>(
        _ body: () async throws -> Result
    ) async rethrows -> Result {
        guard let limit = options.store.deadline else { return try await body() }
        return try await StoreBudget.$current.withValue(StoreBudget(limit)) { try await body() }
    }

    /// Runs what is no part of the time that a request spends with its store: what outlives the request, and the waits
    /// that have a limit of their own. Each call has the store's own deadline.
    static func withoutStoreDeadline<Result>(_ body: () throws -> Result) rethrows -> Result {
        try StoreBudget.$current.withValue(nil, operation: body)
    }
}
