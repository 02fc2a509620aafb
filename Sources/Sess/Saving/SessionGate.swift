import Synchronization

/// Lets one task at a time ask the store about a session, in the order of arrival.
///
/// The wait is bounded by the store's own deadlines: whoever holds the gate waits for nothing else.
struct SessionGate: ~Copyable, Sendable {
    struct State {
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func enter() async {
        if tryEnter() { return }
        await withCheckedContinuation { continuation in
            let entersNow = state.withLock { state in
                if state.isHeld {
                    state.waiting.append(continuation)
                    return false
                }
                state.isHeld = true
                return true
            }
            if entersNow { continuation.resume() }
        }
    }

    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.isHeld = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }

    /// Enters where nobody else is inside, which costs no asynchronous frame.
    func tryEnter() -> Bool {
        state.withLock { state in
            guard !state.isHeld else { return false }
            state.isHeld = true
            return true
        }
    }
}
