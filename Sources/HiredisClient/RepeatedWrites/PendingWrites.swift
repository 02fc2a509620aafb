import Synchronization

/// Writes that no server has taken, until one does or they are a minute old. Thread-safe.
final class PendingWrites: Sendable {
    private struct State {
        var writes = RepeatedWrites()
        var isTrying = false
    }

    private let state = Mutex(State())
    private let count = Atomic<Int>(0)

    /// Costs a load where there are none.
    var isEmpty: Bool { count.load(ordering: .relaxed) == 0 }

    func contains(_ key: String, now: UInt64) -> Bool {
        !isEmpty && state.withLock { $0.writes.contains(key, now: now) }
    }

    /// - Returns: Whether the caller is to begin trying.
    func insert(_ write: RepeatedWrite, now: UInt64) -> Bool {
        update { state in
            state.writes.insert(write, now: now)
            defer { state.isTrying = true }
            return !state.isTrying
        }
    }

    func forget(_ key: String) {
        if !isEmpty { update { $0.writes.forget(key) } }
    }

    /// What is to be tried; where there is nothing any more, nobody is trying from then on.
    func next(now: UInt64) -> [RepeatedWrite] {
        update { state in
            state.writes.trim(now: now)
            let writes = state.writes.writes(after: 0, now: now)
            state.isTrying = !writes.isEmpty
            return writes
        }
    }

    func giveUp() { update { $0 = State() } }

    private func update<Value>(_ body: (inout State) -> Value) -> Value {
        let (value, count) = state.withLock { state in (body(&state), state.writes.count) }
        self.count.store(count, ordering: .relaxed)
        return value
    }
}
