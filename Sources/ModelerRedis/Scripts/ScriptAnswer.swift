import Modeler
import RESP

/// What a record's script answered.
struct ScriptAnswer {
    enum Word: String {
        case committed, replayed, exists, conflict, gone, refused, tooLarge, forgotten, unreadable, removed
    }

    let replies: RESPReplies
    let word: Word
    /// Whether it is the answer to a repetition.
    var isReplay = false
    private var reply: RESPReply { replies.reply }

    /// `nil` where the answer is none of a script's, or names another operation.
    init?(_ replies: RESPReplies, operation: [UInt8]) {
        let reply = replies.reply
        guard reply.kind == .array, reply.count >= 2, let word = reply[0].string.flatMap(Word.init),
            let echo = reply[1].bytes, echo.elementsEqual(operation)
        else { return nil }
        self.replies = replies
        self.word = word
    }

    func integer(_ position: Int) -> Int? {
        guard position < reply.count else { return nil }
        return reply[position].integer.map(Int.init)
    }

    /// Why the script refused a change.
    var refusal: String {
        let what = reply.count > 2 ? reply[2].string : nil
        let field = reply.count > 3 ? reply[3].bytes.flatMap(RecordLayout.modelName) ?? "" : ""
        return switch what {
        case "integer": "the field '\(field)' holds no integer, so it can't be incremented"
        case "range": "the sum in the field '\(field)' is beyond ±(2^53 - 1)"
        default: "the field '\(field)' holds no array, so nothing can be appended"
        }
    }

    /// The write that was applied.
    ///
    /// - Parameter names: The fields for which the script answered values, in order.
    func commit(names: [String]) throws(ModelError) -> Commit {
        let metadata = try metadata()
        guard reply.count == 9 + names.count, let now = integer(8) else { throw malformed }
        var values: [Field] = []
        for (position, name) in names.enumerated() {
            guard let bytes = reply[9 + position].bytes else { throw malformed }
            var reader = DecimalReader(bytes)
            guard let revision = reader.number(endingIn: UInt8(ascii: ":")) else { throw malformed }
            values.append(Field(name: name, value: EncodedJSON(unchecked: reader.rest), revision: revision))
        }
        return Commit(
            revision: metadata.revision,
            created: metadata.created,
            updated: metadata.updated,
            lifetime: Lifetime(
                expiry: metadata.expiry, expires: metadata.expires, now: Timestamp(milliseconds: Int64(now))),
            values: values
        )
    }

    /// The lifetime after a touch.
    func touched() throws(ModelError) -> Lifetime {
        let metadata = try metadata()
        guard let now = integer(8) else { throw malformed }
        return Lifetime(
            expiry: metadata.expiry,
            expires: metadata.expires,
            now: Timestamp(milliseconds: Int64(now))
        )
    }

    /// The record as it is now.
    func current(_ id: ModelID, in collection: RedisCollection) throws(ModelError) -> Model {
        guard let now = integer(2), reply.count >= 4 else { throw malformed }
        let time = RecordReader.StoreTime.now(Timestamp(milliseconds: Int64(now)))
        guard let model = try collection.model(reply[3], of: replies, id: id, time: time) else { throw malformed }
        return model
    }

    /// The write that had been applied before, from the record as it is now.
    func replayedCommit(
        of id: ModelID,
        in collection: RedisCollection,
        names: [String]
    ) throws(ModelError) -> Commit {
        let model = try current(id, in: collection)
        guard let revision = integer(4) else { throw malformed }
        return Commit(
            revision: revision,
            created: model.created,
            updated: model.updated,
            lifetime: model.lifetime ?? Lifetime(expiry: .never, expires: nil, now: model.updated),
            values: names.compactMap { model.fields[$0] }
        )
    }

    private func metadata() throws(ModelError) -> RecordMetadata {
        guard let revision = integer(2), let created = integer(3), let updated = integer(4), let idle = integer(5),
            let absolute = integer(6), let expires = integer(7)
        else { throw malformed }
        return RecordMetadata(
            revision: revision,
            created: created,
            updated: updated,
            idle: idle,
            absolute: absolute,
            expires: expires
        )
    }

    private var malformed: ModelError {
        ModelError(.outcomeUnknown, "a script's answer has another form than its own")
    }
}
