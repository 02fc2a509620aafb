import HiredisClient
public import Modeler
import RESP

extension RedisCollection {
    /// The most models asked for in one request: no more than have 256 MiB together.
    private var chunk: Int { max(1, min(64, (256 << 20) / max(1, maximumBytes))) }

    /// The most models that a request reads on the connection of everybody else; with more it would hold them up.
    private static let interactiveCount = 16

    /// Where a request goes that reads so many models.
    private func lane(_ count: Int) -> RequestLane { count > Self.interactiveCount ? .bulk : .interactive }

    public func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        var models: [Model?] = []
        models.reserveCapacity(ids.count)
        for start in stride(from: 0, to: ids.count, by: chunk) {
            let part = ids[start..<min(start + chunk, ids.count)]
            for (id, answer) in zip(part, try await read(part)) {
                // A key of another type holds none of the models, and costs the others nothing.
                let reply = answer.reply
                let holdsNone = reply.kind == .error && RedisError(reply: reply).code == .server(.wrongType)
                let now = try now(answer.closing, of: answer.replies)
                models.append(
                    holdsNone || isEnding(id) ? nil : try await model(reply, of: answer.replies, id: id, now: now))
            }
        }
        return models
    }

    public func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        let replies = try await read(id)
        if isEnding(id) { return nil }
        return try await model(replies[0], of: replies, id: id, now: try now(of: replies))
    }

    /// The record of an id that a reply holds.
    private func model(
        _ reply: RESPReply, of replies: RESPReplies, id: ModelID, now: Timestamp
    ) async throws(ModelError) -> Model? {
        if reply.kind == .error { throw refusal(reply, id) }
        do throws(RecordFault) {
            return try RecordReader.model(reply, id: id, now: now)
        } catch {
            guard case .foreign = error, reply.kind == .array, reply.count.isMultiple(of: 2) else {
                throw fault(error, of: replies, id: id)
            }
        }
        return try await readAgain(id, after: replies)
    }

    /// Reads once more what names another id, before a word of this request alone: where that comes back in its place,
    /// so does the record, and the record itself is wrong. Otherwise the replies are in disorder and their connection
    /// is closed.
    private func readAgain(_ id: ModelID, after former: RESPReplies) async throws(ModelError) -> Model? {
        let word = OperationID().text
        let request = RESPRequest.build(capacity: 192 + keys.recordPrefix.utf8.count) { encoder in
            encoder.command("HGETALL", argumentCount: 2)
            encoder.key(keys.recordPrefix.utf8, id.rawValue.utf8)
            encoder.command("ECHO", argumentCount: 2)
            encoder.argument(word)
            encoder.command("TIME", argumentCount: 1)
        }
        let replies: RESPReplies
        do {
            replies = try await client.sendForReplies(request, retry: .always)
        } catch {
            throw foreignReply(former)
        }
        guard replies[1].kind == .bulkString, replies[1].bytes?.elementsEqual(word) == true else {
            client.poison(replies)
            throw foreignReply(former)
        }
        if replies[0].kind == .error { throw refusal(replies[0], id) }
        let now = try now(of: replies)
        do throws(RecordFault) {
            let model = try RecordReader.model(replies[0], id: id, now: now)
            client.poison(former)
            return model
        } catch {
            if case .foreign = error { throw unreadable(id, "it names another id") }
            throw fault(error, of: replies, id: id)
        }
    }

    /// The error for a record that Redis didn't read.
    private func refusal(_ reply: RESPReply, _ id: ModelID) -> ModelError {
        let error = RedisError(reply: reply)
        guard error.code == .server(.wrongType) else { return ModelError(reading: error) }
        return unreadable(id, "the key holds another type of value")
    }

    /// Asks for a record, and for the clock once it is read: what is past by then counts as absent. Errors are among
    /// the replies.
    private func read(_ id: ModelID) async throws(ModelError) -> RESPReplies {
        let request = RESPRequest.build(capacity: 96 + keys.recordPrefix.utf8.count) { encoder in
            writeRead(of: id, &encoder)
            encoder.command("TIME", argumentCount: 1)
        }
        do {
            return try await client.read(request)
        } catch {
            throw ModelError(reading: error)
        }
    }

    /// Asks for several records, each with the clock as of then.
    private func read(_ ids: some RandomAccessCollection<ModelID>) async throws(ModelError) -> [KeyedReply] {
        do {
            return try await client.sendForEach(
                ids, capacity: keys.recordPrefix.utf8.count + 64, closing: Self.clock, lane: lane(ids.count)
            ) { writeRead(of: $1, &$0) }
        } catch {
            throw ModelError(reading: error)
        }
    }

    private func writeRead(of id: ModelID, _ encoder: inout RESPEncoder) {
        encoder.command("HGETALL", argumentCount: 2)
        encoder.key(keys.recordPrefix.utf8, id.rawValue.utf8)
    }

    private static let clock = RESPRequest.command("TIME")

    /// The store's clock, which a request of records asks for last.
    private func now(of replies: RESPReplies) throws(ModelError) -> Timestamp {
        try now(replies[replies.count - 1], of: replies)
    }

    private func now(_ reply: RESPReply, of replies: RESPReplies) throws(ModelError) -> Timestamp {
        if reply.kind == .error { throw ModelError(reading: RedisError(reply: reply)) }
        guard reply.kind == .array, reply.count == 2, let seconds = reply[0].string.flatMap(Int64.init),
            let microseconds = reply[1].string.flatMap(Int64.init), (0...(1 << 40)).contains(seconds)
        else { throw foreignReply(replies) }
        return Timestamp(milliseconds: seconds * 1000 + microseconds / 1000)
    }
}
