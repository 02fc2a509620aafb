import NIOCore

/// The deadlines of one connection, on one timer. A deadline that moves away leaves the timer alone, which then goes
/// off once in vain: setting and clearing one costs next to nothing.
struct DeadlineTimer {
    enum Wait: Int, CaseIterable { case read, write, linger }

    private var deadlines: (NIODeadline?, NIODeadline?, NIODeadline?)
    private var scheduled: (task: Scheduled<Void>, at: NIODeadline)?
    private var isCancelled = false

    mutating func set(_ wait: Wait, _ deadline: NIODeadline?, _ handler: ConnectionHandler) {
        switch wait {
        case .read: deadlines.0 = deadline
        case .write: deadlines.1 = deadline
        case .linger: deadlines.2 = deadline
        }
        if let deadline { schedule(deadline, handler) }
    }

    mutating func cancel() {
        isCancelled = true
        scheduled?.task.cancel()
        scheduled = nil
        deadlines = (nil, nil, nil)
    }

    private mutating func schedule(_ deadline: NIODeadline, _ handler: ConnectionHandler) {
        guard !isCancelled, let eventLoop = handler.eventLoop else { return }
        if let scheduled {
            guard deadline < scheduled.at else { return }
            scheduled.task.cancel()
        }
        let handler = NIOLoopBound(handler, eventLoop: eventLoop)
        scheduled = (eventLoop.scheduleTask(deadline: deadline) { handler.value.timerFired() }, deadline)
    }

    /// The waits whose deadlines are over; sets the timer for the others.
    mutating func fire(_ handler: ConnectionHandler) -> [Wait] {
        scheduled = nil
        let now = NIODeadline.now()
        var expired: [Wait] = []
        var next: NIODeadline?
        for (wait, deadline) in [(Wait.read, deadlines.0), (.write, deadlines.1), (.linger, deadlines.2)] {
            guard let deadline else { continue }
            if deadline <= now { expired.append(wait) } else { next = min(next ?? deadline, deadline) }
        }
        if expired.contains(.read) { deadlines.0 = nil }
        if expired.contains(.write) { deadlines.1 = nil }
        if expired.contains(.linger) { deadlines.2 = nil }
        if let next { schedule(next, handler) }
        return expired
    }
}
