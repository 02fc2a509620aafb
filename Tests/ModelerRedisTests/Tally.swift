import Synchronization

/// How many calls were answered, and how many failed.
final class Tally: Sendable {
    private let state = Mutex((done: 0, failed: 0))

    var counts: (done: Int, failed: Int) { state.withLock { $0 } }

    func add(done: Int = 0, failed: Int = 0) {
        state.withLock { $0 = ($0.done + done, $0.failed + failed) }
    }
}
