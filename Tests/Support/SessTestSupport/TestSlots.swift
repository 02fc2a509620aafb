import Synchronization

/// Lets only a few of the tests that start servers run at once. All of them at once would measure the machine.
public final class TestSlots: Sendable {
    /// The process's slots.
    public static let shared = TestSlots(4)

    @TaskLocal private static var isHeld = false

    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) {
        state = Mutex(State(free: count))
    }

    /// Runs `body` once there is a slot, which is its own until it ends. Within `body` it costs no other.
    public func hold<Result>(_ body: () async throws -> Result) async throws -> Result {
        if Self.isHeld { return try await body() }
        await enter()
        defer { leave() }
        return try await Self.$isHeld.withValue(true) { try await body() }
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let entersNow = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if entersNow { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
