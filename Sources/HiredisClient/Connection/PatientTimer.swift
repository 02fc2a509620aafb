import NIOCore

/// Whether a timer that fires may be acted upon. One that fires late was held up by the event loop's other work, and so
/// were the channels: what is in their sockets is read before anybody is said to be silent.
struct TimerPatience {
    /// How late a timer may be, in nanoseconds.
    static let tolerance: UInt64 = 5_000_000
    /// For how long a late timer is put off: longer than the loop needs to come to its channels.
    static let pause: UInt64 = 1_000_000
    /// How often one is put off at most. Tasks that add each other run in some turns before the channels have theirs.
    static let limit = 16

    private var count = 0

    /// Whether to wait for the channels first.
    mutating func putsOff(due: UInt64, now: UInt64) -> Bool {
        guard now > due &+ Self.tolerance, count < Self.limit else {
            count = 0
            return false
        }
        count += 1
        return true
    }
}

/// A timer that doesn't take the event loop's own lateness for a peer's silence. Used on its event loop only.
final class PatientTimer {
    private let eventLoop: any EventLoop
    private var scheduled: Scheduled<Void>?
    private var patience = TimerPatience()

    init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Calls `body` once, in place of what was scheduled before.
    ///
    /// - Parameter time: When, in nanoseconds on the monotonic clock.
    func schedule(at time: UInt64, _ body: @escaping () -> Void) {
        scheduled?.cancel()
        scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(time)) { [self] in
            let now = NIODeadline.now().uptimeNanoseconds
            if patience.putsOff(due: time, now: now) {
                schedule(at: now &+ TimerPatience.pause, body)
            } else {
                scheduled = nil
                body()
            }
        }
    }

    func schedule(in delay: TimeAmount, _ body: @escaping () -> Void) {
        schedule(at: (NIODeadline.now() + delay).uptimeNanoseconds, body)
    }

    func cancel() {
        scheduled?.cancel()
        scheduled = nil
    }
}
