import HiredisClient
public import Modeler
import RESP

extension RedisCollection {
    public func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        try model.validate()
        try expiry.validate()
        try check(size: model.fields.reduce(0) { $0 + RecordLayout.size($1.name, $1.value) }, id: model.id)
        if let index { return try await insertListed(model, expiry: expiry, in: index) }
        return try await insertRecord(model, expiry: expiry).outcome
    }

    /// Inserts a record, and says whether it is new: neither there before nor by another try of this insertion.
    func insertRecord(
        _ model: NewModel,
        expiry: Expiry
    ) async throws(ModelError) -> (outcome: InsertOutcome, isNew: Bool) {
        let answer = try await write(
            RecordScripts.insert,
            id: model.id,
            operation: model.operation,
            argumentCount: 3 + 2 * model.fields.count
        ) { encoder in
            encoder.argument(model.id.rawValue)
            encoder.argument(RecordLayout.milliseconds(expiry.idle))
            encoder.argument(RecordLayout.milliseconds(expiry.absolute))
            for field in model.fields {
                encoder.argument(RecordLayout.storedName(field.name))
                encoder.argument(Self.firstRevision + field.value.bytes)
            }
        }
        switch answer.word {
        case .committed:
            return (.inserted(try answer.commit(names: [])), true)
        case .replayed:
            return (.inserted(try answer.replayedCommit(of: model.id, in: self, names: [])), false)
        case .exists:
            return (.exists(try answer.current(model.id, in: self)), false)
        default:
            throw unreadable(answer, id: model.id)
        }
    }

    public func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try change.validate()
        let arguments = try CommitArguments(change)
        try check(size: arguments.byteCount, id: id)
        if let index, case .replace(let expiry) = change.renewal { try await index.extend(expiry) }
        let answer = try await write(
            commitScript,
            id: id,
            operation: change.operation,
            argumentCount: arguments.count,
            arguments.write
        )
        switch answer.word {
        case .committed:
            return .committed(try answer.commit(names: arguments.resultNames))
        case .replayed:
            return .committed(try answer.replayedCommit(of: id, in: self, names: arguments.resultNames))
        case .conflict:
            return .conflict(try answer.current(id, in: self))
        case .gone:
            return .gone
        case .refused:
            throw ModelError(.invalidChange, answer.refusal)
        case .tooLarge:
            throw tooLarge(answer.integer(2) ?? 0, id: id)
        case .forgotten:
            throw ModelError(
                .outcomeUnknown,
                "the connection was lost, and \(name) \(id) was written too often since to tell whether the change applied"
            )
        default:
            throw unreadable(answer, id: id)
        }
    }

    public func touch(_ id: ModelID, expiry: Expiry?) async throws(ModelError) -> Lifetime? {
        try expiry?.validate()
        if let index, let expiry { try await index.extend(expiry) }
        let answer = try await write(
            RecordScripts.touch,
            id: id,
            operation: OperationID(),
            argumentCount: 3,
            sendsReplay: false
        ) { encoder in
            encoder.argument(expiry == nil ? "t" : "r")
            encoder.argument(RecordLayout.milliseconds(expiry?.idle))
            encoder.argument(RecordLayout.milliseconds(expiry?.absolute))
        }
        switch answer.word {
        case .committed: return try answer.touched()
        case .gone: return nil
        default: throw unreadable(answer, id: id)
        }
    }

    @discardableResult
    public func remove(_ id: ModelID) async throws(ModelError) -> Bool {
        if let index { return try await removeListed(id, in: index) }
        return try await removeRecord(id).wasThere
    }

    /// Removes a record.
    ///
    /// - Returns: Whether it was there, and whether this call may have removed it. Where an answer was lost with its
    ///   connection and the record is gone by the next try, nobody can tell who removed it: of several removals at most
    ///   one says that the record was there.
    func removeRecord(_ id: ModelID) async throws(ModelError) -> (wasThere: Bool, mayHaveBeen: Bool) {
        let answer = try await write(
            RecordScripts.remove,
            id: id,
            operation: OperationID(),
            argumentCount: 0,
            sendsReplay: false
        ) { _ in }
        guard answer.word == .removed, let count = answer.integer(2) else { throw foreignReply(answer.replies) }
        return (count == 1, count == 1 || answer.isReplay)
    }

    /// Runs a script that writes; once more if its connection was lost, within the time of one command.
    private func write(
        _ script: RedisScript,
        id: ModelID,
        operation: OperationID,
        argumentCount: Int,
        sendsReplay: Bool = true,
        _ arguments: (inout RESPEncoder) -> Void
    ) async throws(ModelError) -> ScriptAnswer {
        let key = keys.record(id)
        let mark = RecordLayout.text(operation)
        let deadline = ContinuousClock.now + client.configuration.commandTimeout
        var isReplay = false
        while true {
            do {
                let replies = try await client.evaluate(
                    script,
                    keys: [key],
                    argumentCount: argumentCount + (sendsReplay ? 2 : 1),
                    timeout: isReplay ? deadline - .now : nil
                ) { encoder in
                    encoder.argument(mark)
                    if sendsReplay { encoder.argument(isReplay ? "1" : "0") }
                    arguments(&encoder)
                }
                guard var answer = ScriptAnswer(replies, operation: mark) else { throw foreignReply(replies) }
                answer.isReplay = isReplay
                return answer
            } catch let error as RedisError {
                // A timeout has used up the time of one command; a lost connection has not.
                if error.code == .outcomeUnknown, ContinuousClock.now < deadline {
                    isReplay = true
                    continue
                }
                // That the repetition was not sent says nothing of the first try.
                if isReplay, error.code.isKnownNotExecuted {
                    throw ModelError(.outcomeUnknown, "the connection was lost: \(error.message)", underlying: error)
                }
                throw ModelError(redis: error)
            } catch let error as ModelError {
                throw error
            } catch {
                throw ModelError(.outcomeUnknown, "the write failed", underlying: error)
            }
        }
    }

    private static let firstRevision: [UInt8] = Array("1:".utf8)

    private func check(size: Int, id: ModelID) throws(ModelError) {
        guard size <= maximumBytes else { throw tooLarge(size, id: id) }
    }

    private func tooLarge(_ size: Int, id: ModelID) -> ModelError {
        ModelError(
            .tooLarge, "\(name) \(id) would have \(size) bytes; at most \(maximumBytes) are accepted (maximumBytes)")
    }

    private func unreadable(_ answer: ScriptAnswer, id: ModelID) -> ModelError {
        guard answer.word == .unreadable else { return foreignReply(answer.replies) }
        return ModelError(
            .unreadable,
            "what is stored as \(name) \(id) is no model, or one of another version than \(RecordLayout.version)"
        )
    }
}
