import DequeModule
import RESP

extension ConnectionMachine {
    /// Bytes came from the peer. Anything that puts the order of replies in doubt ends the connection.
    mutating func received(_ bytes: UnsafeRawBufferPointer, now: UInt64, complete: Completion) -> Directive {
        guard var reader = reader.take() else { return .none }
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
        guard rootsOfOldest == inFlight[0].request.commandCount else { return nil }
        rootsOfOldest = 0
        let command = inFlight.removeFirst()
        guard let waiter = command.waiter else {
            reader.discard()
            return nil
        }
        var replies = reader.take()
        replies.origin = origin
        if replies.containsError { note(errorsIn: replies) }
        complete(waiter, .success(replies))
        return nil
    }

    private mutating func takeHandshake(from reader: inout RESPReader, now: UInt64) -> RedisError? {
        let reply = reader.take().reply
        guard let step = handshake.popFirst() else {
            return RedisError(.protocolError, "a reply came that the handshake didn't ask for")
        }
        guard step.accepts(reply) else {
            let cause = reply.kind == .error ? RedisError(reply: reply) : nil
            return RedisError(.connectFailed, "the server refused the handshake (\(step))", underlying: cause)
        }
        guard handshake.isEmpty else { return nil }
        phase = .ready
        readySince = now
        for index in waiting.indices { waiting[index].expiry = waiting[index].deadline }
        return nil
    }

    private mutating func note(errorsIn replies: RESPReplies) {
        guard replacement == nil, let error = replies.firstError else { return }
        let kind = RedisServerErrorKind(message: error.bytes ?? [])
        if kind.replacesConnection { replacement = RedisError(reply: error) }
    }
}
