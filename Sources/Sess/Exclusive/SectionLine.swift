import Modeler
import Synchronization

/// Who in this process waits for which session's section, in the order of arrival. One at a time asks the store.
final class SectionLine: Sendable {
    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        /// The lines of sessions whose section somebody here is in, or asks the store for.
        var lines: [ModelID: [Waiter]] = [:]
        var last = 0
    }

    /// How a wait ended.
    enum Outcome: Sendable {
        case entered, full, timedOut, cancelled
    }

    private let state = Mutex(State())

    /// The number of sessions whose section somebody here is in or waits for.
    var count: Int { state.withLock { $0.lines.count } }

    /// The number of those who wait for a session's section.
    func waiting(for id: ModelID) -> Int { state.withLock { $0.lines[id]?.count ?? 0 } }

    /// Waits for one's turn; whoever enters has to leave.
    ///
    /// - Parameter maximum: How many may wait for this session.
    func enter(_ id: ModelID, until deadline: ContinuousClock.Instant, maximum: Int) async -> Outcome {
        if Task.isCancelled { return .cancelled }
        let number = state.withLock { state -> Int? in
            guard state.lines[id] != nil else {
                state.lines[id] = []
                return nil
            }
            state.last += 1
            return state.last
        }
        guard let number else { return .entered }
        let alarm = Task {
            // Cancelled, it has nothing to say.
            guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
            self.giveUp(number, id, .timedOut)
        }
        defer { alarm.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Outcome? in
                    // Whoever was inside may have left since.
                    guard let line = state.lines[id] else {
                        state.lines[id] = []
                        return .entered
                    }
                    guard line.count < maximum else { return .full }
                    if Task.isCancelled { return .cancelled }
                    if .now >= deadline { return .timedOut }
                    state.lines[id]?.append(Waiter(number: number, continuation: continuation))
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            giveUp(number, id, .cancelled)
        }
    }

    /// Lets the next one in.
    func leave(_ id: ModelID) {
        let next = state.withLock { state -> Waiter? in
            guard var line = state.lines[id], !line.isEmpty else {
                state.lines[id] = nil
                return nil
            }
            let next = line.removeFirst()
            state.lines[id] = line
            return next
        }
        next?.continuation.resume(returning: .entered)
    }

    private func giveUp(_ number: Int, _ id: ModelID, _ outcome: Outcome) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.lines[id]?.firstIndex(where: { $0.number == number }) else { return nil }
            return state.lines[id]?.remove(at: index)
        }
        waiter?.continuation.resume(returning: outcome)
    }
}
