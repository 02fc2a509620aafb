import Sess
import Synchronization

/// What a manager reported, in order.
final class EventLog: Sendable {
    private let events = Mutex<[SessionEvent]>([])

    /// Without what requests have asked for themselves.
    var all: [SessionEvent] { events.withLock { $0 }.filter { !$0.isAskedFor } }

    /// What requests have asked for themselves.
    var askedFor: [SessionEvent] { events.withLock { $0 }.filter(\.isAskedFor) }

    @Sendable func append(_ event: SessionEvent) {
        events.withLock { $0.append(event) }
    }
}

extension SessionEvent {
    var isAskedFor: Bool {
        switch self {
        case .created, .signedIn, .ended: true
        default: false
        }
    }
}
