import Sess
import Synchronization

/// What a manager reported, in order.
final class EventLog: Sendable {
    private let events = Mutex<[SessionEvent]>([])

    var all: [SessionEvent] { events.withLock { $0 } }

    @Sendable func append(_ event: SessionEvent) {
        events.withLock { $0.append(event) }
    }
}
