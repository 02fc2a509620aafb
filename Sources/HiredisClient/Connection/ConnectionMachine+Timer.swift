import DequeModule
import RESP

extension ConnectionMachine {
    /// Answers every caller whose time is over, and gives the connection up when its oldest reply is overdue.
    /// Afterwards ``nextDeadline`` says when to call again.
    mutating func timer(now: UInt64, complete: Completion) -> Directive {
        let lastError = lastError
        waiting.expire(now: now) { waiter, command in
            complete(waiter, .failure(Self.expired(command, now: now, lastError)))
        }
        waiting.dropAbandoned()
        inFlight.expire(now: now) { waiter, _ in
            complete(waiter, .failure(RedisError(.timeout, "no reply within the command's time")))
        }
        nextDeadline = min(waiting.earliestExpiry, inFlight.earliestExpiry)
        if isClosing, phase != .stopped {
            if now >= shutdownDeadline { return .close(RedisError(.shutDown, "the client is shut down")) }
            nextDeadline = min(nextDeadline, shutdownDeadline)
        }
        if probedAt != 0 {
            let overdue = probedAt &+ settings.probeTimeout
            if now >= overdue { return .close(RedisError(.connectionClosed, "a quiet connection didn't answer")) }
            nextDeadline = min(nextDeadline, overdue)
        }
        if let oldest = inFlight.first {
            let overdue = oldest.sentAt &+ max(settings.stallTimeout, oldest.timeout)
            if now >= overdue { return .close(RedisError(.connectionClosed, "a reply is long overdue")) }
            nextDeadline = min(nextDeadline, overdue)
            return judgeSilence(sentAt: oldest.sentAt, now: now)
        }
        return .none
    }

    /// Makes the connection suspect while nothing comes of what is long due, and asks for a witness now and then.
    private mutating func judgeSilence(sentAt: UInt64, now: UInt64) -> Directive {
        guard probedAt == 0, phase == .ready, !isClosing else { return .none }
        let due = max(sentAt, heardAt) &+ settings.overdueInterval
        guard now >= due else {
            nextDeadline = min(nextDeadline, due)
            return .none
        }
        if !isSuspect {
            isSuspect = true
            nextWitness = now
        }
        defer { nextDeadline = min(nextDeadline, nextWitness) }
        guard now >= nextWitness else { return .none }
        nextWitness = now &+ settings.overdueInterval
        return .seekWitness
    }

    /// The server has answered on another connection, or not. Where it has and this one is silent still, it is given
    /// up.
    func witnessed(_ isAnswered: Bool) -> Directive {
        guard isAnswered, isSuspect, phase == .ready else { return .none }
        return .close(RedisError(.connectionClosed, "a reply is overdue, and the server answers on a new connection"))
    }

    private static func expired(
        _ command: PendingCommand<Waiter>, now: UInt64, _ lastError: RedisError?
    ) -> RedisError {
        if command.attempts > 0 {
            return RedisError(.outcomeUnknown, "sent before, and not again in time", underlying: lastError)
        }
        if command.deadline <= now {
            return RedisError(.timeoutNotSent, "not sent within the command's time", underlying: lastError)
        }
        return RedisError(.notSent, "there is no connection", underlying: lastError)
    }
}
