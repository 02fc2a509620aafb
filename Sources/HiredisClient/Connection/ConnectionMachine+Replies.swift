import DequeModule
import RESP

extension ConnectionMachine {
    /// Bytes came from the peer. Anything that puts the order of replies in doubt ends the connection.
    mutating func received(_ bytes: UnsafeRawBufferPointer, now: UInt64, complete: Completion) -> Directive {
        guard var reader = reader.take() else { return .none }
        heardAt = now
        isSuspect = false
        var rest = bytes
        do throws(RESPError) {
            while !rest.isEmpty {
                let step = min(rest.count, RESPReader.maximumStep)
                try reader.feed(UnsafeRawBufferPointer(rebasing: rest[..<step]))
                rest = UnsafeRawBufferPointer(rebasing: rest[step...])
                while try reader.next() {
                    if let fault = take(from: &reader, now: now, complete: complete) { return .close(fault) }
                }
            }
        } catch {
            return .close(RedisError(.protocolError, "the server's bytes are refused", underlying: error))
        }
        self.reader = consume reader
        if let replacement, inFlight.isEmpty { return .close(replacement) }
        if isClosing, inFlight.isEmpty { return .close(RedisError(.shutDown, "the client is shut down")) }
        return .none
    }

    /// One more reply has been read. Returns why the connection must end, if it must.
    private mutating func take(from reader: inout RESPReader, now: UInt64, complete: Completion) -> RedisError? {
        guard phase != .handshaking else { return takeHandshake(from: &reader, now: now) }
        guard inFlight.count > unflushed else {
            return RedisError(.protocolError, "a reply came that no command asked for")
        }
        rootsOfOldest += 1
        guard rootsOfOldest == inFlight.firstReplyCount, let command = inFlight.popFirst() else { return nil }
        rootsOfOldest = 0
        guard let waiter = command.waiter else {
            if command.isOwnQuestion { return takeAnswer(reader.take().reply) }
            reader.discard()
            return nil
        }
        var replies = reader.take()
        // What a replica refuses is refused; what it answers is not used.
        if isDistrusted, !replies.containsError || replies.count > 1 {
            distrust(command, waiter, complete: complete)
            return nil
        }
        replies.origin = origin
        if replies.containsError { note(errorsIn: replies, now: now) }
        complete(waiter, .success(replies))
        return nil
    }

    private mutating func takeHandshake(from reader: inout RESPReader, now: UInt64) -> RedisError? {
        let reply = reader.take().reply
        guard let step = handshake.popFirst() else {
            return RedisError(.protocolError, "a reply came that the handshake didn't ask for")
        }
        if let refusal = step.refusal(by: reply) { return refusal }
        if step == .role, case .isMaster = RoleCheck.answer(reply) { nextRoleCheck = now &+ settings.roleCheckInterval }
        guard handshake.isEmpty else { return nil }
        phase = .ready
        readySince = now
        waiting.changeExpiries { $0.deadline }
        return nil
    }

    /// The answer to a question of our own has come. What a replica still owes is read, for the errors in it, and then
    /// the connection is replaced.
    private mutating func takeAnswer(_ reply: RESPReply) -> RedisError? {
        probedAt = 0
        guard nextRoleCheck != .max else {
            // PING, or a last ROLE: whatever the server says of it, there is one.
            let isAnswer = reply.equals("PONG") || reply.kind == .error || reply.kind == .array
            return isAnswer ? nil : RedisError(.protocolError, "PING was answered with something else")
        }
        switch RoleCheck.answer(reply) {
        case .isMaster:
            return nil
        case .unknown:
            nextRoleCheck = .max
            return reply.kind == .error ? nil : RedisError(.protocolError, "ROLE was answered with something else")
        case .refused(let error):
            // A replica, or a server that doesn't serve for now. Busy with a script it answers nothing else either.
            guard error.code.serverErrorKind?.replacesConnection ?? true else { return nil }
            isDistrusted = true
            replacement = replacement ?? error
            return nil
        }
    }

    /// A reply of a server that is a replica: it may be old, so the command goes again or its outcome is unknown.
    private mutating func distrust(_ command: PendingCommand<Waiter>, _ waiter: Waiter, complete: Completion) {
        guard command.retry == .always, command.attempts < 3 else {
            let error = RedisError(.outcomeUnknown, "a replica answered", underlying: replacement)
            return complete(waiter, .failure(error))
        }
        nextDeadline = min(nextDeadline, command.expiry)
        waiting.append(command)
    }

    private mutating func note(errorsIn replies: RESPReplies, now: UInt64) {
        guard replacement == nil, let error = replies.firstError else { return }
        let kind = RedisServerErrorKind(message: error.bytes ?? [])
        // Where the role isn't asked, a server that refuses writes may serve the reads of all others for long.
        if kind == .readOnly, nextRoleCheck == .max, now &- readySince < settings.readOnlyPatience { return }
        if kind.replacesConnection { replacement = RedisError(reply: error) }
    }
}
