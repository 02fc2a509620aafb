import Modeler
import Synchronization

/// A clock that moves only when a test says so.
final class FakeClock: Sendable {
    private let instant = Mutex(Timestamp(milliseconds: 1_700_000_000_000))

    var now: Timestamp { instant.withLock { $0 } }

    func advance(_ duration: Duration) { instant.withLock { $0 = $0 + duration } }
}
