import DequeModule
import RESP

extension ConnectionMachine {
    /// Answers every caller whose time is over, and gives the connection up when its oldest reply is overdue.
    /// Afterwards ``nextDeadline`` says when to call again.
    mutating func timer(now: UInt64, complete: Completion) -> Directive {
        nextDeadline = .max
        sweepWaiting(now: now, complete: complete)
        for index in inFlight.indices where inFlight[index].waiter != nil {
            guard inFlight[index].expiry <= now else {
                nextDeadline = min(nextDeadline, inFlight[index].expiry)
                continue
            }
            if let waiter = inFlight[index].waiter.take() {
                complete(waiter, .failure(RedisError(.timeout, "no reply within the command's time")))
            }
        }
        if isClosing, phase != .stopped {
            if now >= shutdownDeadline { return .close(RedisError(.shutDown, "the client is shut down")) }
            nextDeadline = min(nextDeadline, shutdownDeadline)
        }
        if let oldest = inFlight.first {
            let overdue = oldest.sentAt &+ max(settings.stallTimeout, oldest.timeout)
            if now >= overdue { return .close(RedisError(.connectionClosed, "a reply is long overdue")) }
            nextDeadline = min(nextDeadline, overdue)
        }
        return .none
    }

    private mutating func sweepWaiting(now: UInt64, complete: Completion) {
        var mustCompact = false
        for index in waiting.indices {
            guard waiting[index].expiry <= now else {
                nextDeadline = min(nextDeadline, waiting[index].expiry)
                continue
            }
            mustCompact = true
            if let waiter = waiting[index].waiter.take() {
                complete(waiter, .failure(expired(waiting[index], now: now)))
            }
        }
        if mustCompact { dropAbandonedWaiting() }
    }

    private func expired(_ command: PendingCommand<Waiter>, now: UInt64) -> RedisError {
        if command.attempts > 0 {
            return RedisError(.outcomeUnknown, "sent before, and not again in time", underlying: lastError)
        }
        if command.deadline <= now {
            return RedisError(.timeoutNotSent, "not sent within the command's time", underlying: lastError)
        }
        return RedisError(.notSent, "there is no connection", underlying: lastError)
    }
}
