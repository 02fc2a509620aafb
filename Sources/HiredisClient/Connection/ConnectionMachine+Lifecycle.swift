import DequeModule
import RESP

extension ConnectionMachine {
    /// Someone wants a connection, though there may be no command yet.
    mutating func demand() -> Directive {
        guard phase == .idle, !isClosing else { return .none }
        phase = .connecting
        return .connect
    }

    /// The wait before the next attempt is over.
    mutating func reconnect() -> Directive {
        guard phase == .backingOff, !isClosing else { return .none }
        phase = .connecting
        return .connect
    }

    /// A connection is made. The driver writes the handshake that these steps stand for.
    mutating func connected(_ steps: [HandshakeStep], origin: UInt64) -> Directive {
        guard phase == .connecting else { return .close(RedisError(.connectionClosed, "no connection is wanted")) }
        do throws(RESPError) {
            reader = try RESPReader(limits: settings.limits)
        } catch {
            return .close(RedisError(.connectFailed, "no memory for a connection", underlying: error))
        }
        phase = .handshaking
        handshake = .init(steps)
        isWritable = true
        replacement = nil
        isDistrusted = false
        isSuspect = false
        nextRoleCheck = .max
        probedAt = 0
        self.origin = origin
        return .none
    }

    /// The attempt failed, or the connection is closed, whoever closed it.
    mutating func lost(_ reason: RedisError, now: UInt64, complete: Completion) -> Directive {
        guard phase == .connecting || phase == .handshaking || phase == .ready else { return .none }
        let wasReady = phase == .ready
        let wasStable = wasReady && now &- readySince >= settings.stableAfter
        reader = nil
        handshake = []
        replacement = nil
        rootsOfOldest = 0
        probedAt = 0
        isSuspect = false
        lastError = reason
        phase = isClosing ? .stopped : .backingOff
        failedAttempts = wasStable ? 0 : failedAttempts + 1
        let delay = settings.backoff.delay(attempt: max(failedAttempts - 1, 0), using: &generator)
        // The server may well be there: what waits gets its chance with the first new attempt.
        waitingBegins = wasReady ? now &+ delay : now
        settleLost(reason, complete: complete)
        if isClosing {
            failWaiting(RedisError(.shutDown, "the client is shut down"), complete: complete)
            return .stop
        }
        return .reconnect(after: delay)
    }

    /// Takes nothing new; lets what was sent finish until the deadline.
    mutating func shutDown(deadline: UInt64, complete: Completion) -> Directive {
        guard !isClosing else { return .none }
        isClosing = true
        let error = RedisError(.shutDown, "the client is shut down")
        failWaiting(error, complete: complete)
        switch phase {
        case .ready where !inFlight.isEmpty:
            shutdownDeadline = deadline
            nextDeadline = min(nextDeadline, deadline)
            return .none
        case .ready, .connecting, .handshaking:
            return .close(error)
        case .idle, .backingOff, .stopped:
            phase = .stopped
            return .stop
        }
    }

    /// Decides for each command in flight whether it goes again or fails.
    private mutating func settleLost(_ reason: RedisError, complete: Completion) {
        let firstUnsent = inFlight.count - unflushed
        unflushed = 0
        var again: [PendingCommand<Waiter>] = []
        for (position, var command) in inFlight.takeAll().enumerated() {
            guard let waiter = command.waiter else { continue }
            let wasSent = position < firstUnsent
            if !wasSent { command.attempts -= 1 }
            let mayRepeat = command.retry == .always || (command.retry == .ifNotSent && !wasSent)
            if mayRepeat, !isClosing, command.attempts < 3 {
                again.append(command)
            } else if wasSent {
                complete(
                    waiter,
                    .failure(
                        RedisError(.outcomeUnknown, "the connection was lost before the reply", underlying: reason)
                    )
                )
            } else {
                complete(waiter, .failure(RedisError(.notSent, "the connection was lost", underlying: reason)))
            }
        }
        for command in again.reversed() { waiting.prepend(command) }
        // Further attempts that fail give no more time.
        let latest = waitingBegins &+ settings.disconnectedWait
        waiting.changeExpiries { min($0.expiry, latest) }
        nextDeadline = min(nextDeadline, waiting.earliestExpiry)
    }

    private mutating func failWaiting(_ error: RedisError, complete: Completion) {
        while let command = waiting.popFirst() {
            if let waiter = command.waiter { complete(waiter, .failure(error)) }
        }
    }
}
