import Modeler
import RESP

/// What a record's script answered.
struct ScriptAnswer {
    enum Word: String {
        case committed, replayed, exists, conflict, gone, refused, tooLarge, forgotten, unreadable, newer, removed
    }

    let replies: RESPReplies
    let word: Word
    /// Whether the call was sent more than once, as its connection was lost.
    var wasResent = false
    private var reply: RESPReply { replies.reply }

    /// Whether the replicas that were to confirm the write have.
    var confirmation: WriteConfirmation { replies.isConfirmed ? .confirmed : .unconfirmed }

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
        let head = try head()
        guard reply.count == 9 + names.count, let now = integer(8) else { throw malformed }
        var values: [Field] = []
        for (position, name) in names.enumerated() {
            guard let bytes = reply[9 + position].bytes else { throw malformed }
            var reader = DecimalReader(bytes)
            guard let revision = reader.number(endingIn: UInt8(ascii: ":")) else { throw malformed }
            values.append(Field(name: name, value: EncodedJSON(unchecked: reader.rest), revision: revision))
        }
        return head.commit(values: values, now: Timestamp(milliseconds: Int64(now)))
    }

    /// The record as it is now.
    func current(_ id: ModelID, in collection: RedisCollection) throws(ModelError) -> Model {
        guard let now = integer(2), reply.count >= 4 else { throw malformed }
        let time = Timestamp(milliseconds: Int64(now))
        guard let model = try collection.model(reply[3], of: replies, id: id, now: time) else { throw malformed }
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

    private func head() throws(ModelError) -> RecordHead {
        guard let revision = integer(2), let created = integer(3), let updated = integer(4), let idle = integer(5),
            let absolute = integer(6), let expires = integer(7),
            let head = RecordHead(
                revision: revision,
                created: created,
                updated: updated,
                idle: idle,
                absolute: absolute,
                expires: expires
            )
        else { throw malformed }
        return head
    }

    private var malformed: ModelError {
        ModelError(.outcomeUnknown, "a script's answer has another form than its own")
    }
}
