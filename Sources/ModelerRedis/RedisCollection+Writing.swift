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
            isRepeated: model.isRepeated,
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
            client.forgetWrites(on: keys.record(model.id))
            return (.inserted(try answer.commit(names: [])), true)
        case .replayed:
            return (.inserted(try answer.replayedCommit(of: model.id, in: self, names: [])), false)
        case .exists:
            return (.exists(try answer.current(model.id, in: self)), false)
        case .forgotten:
            throw OperationLog.outcomeUnknown
        default:
            throw unreadable(answer, id: model.id)
        }
    }

    public func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try change.validate()
        let arguments = try CommitArguments(change)
        try check(size: arguments.byteCount, id: id)
        if isEnding(id) { return .gone }
        if let index, case .replace(let expiry) = change.renewal { try await index.extend(expiry) }
        let answer = try await write(
            commitScript,
            id: id,
            operation: change.operation,
            isRepeated: change.isRepeated,
            lane: change.needsConfirmation ? .confirmed : .interactive,
            argumentCount: arguments.count,
            arguments.write
        )
        switch answer.word {
        case .committed:
            var commit = try answer.commit(names: arguments.resultNames)
            commit.confirmation = answer.confirmation
            await keep(change, commit, of: id, answeredBy: answer.replies)
            return .committed(commit)
        case .replayed:
            var commit = try answer.replayedCommit(of: id, in: self, names: arguments.resultNames)
            // Nobody has waited for the replicas to have the first try.
            if change.needsConfirmation, waitsForReplicas { commit.confirmation = .unconfirmed }
            await keep(change, commit, of: id, answeredBy: answer.replies)
            return .committed(commit)
        case .conflict:
            return .conflict(try answer.current(id, in: self))
        case .gone:
            return .gone
        case .refused:
            throw ModelError(.invalidChange, answer.refusal)
        case .tooLarge:
            throw tooLarge(answer.integer(2) ?? 0, id: id)
        case .forgotten:
            throw OperationLog.outcomeUnknown
        default:
            throw unreadable(answer, id: id)
        }
    }

    public func remove(
        _ id: ModelID, expecting: Change.Expectation
    ) async throws(ModelError) -> RemoveOutcome {
        if let index { return try await removeListed(id, expecting: expecting, in: index) }
        return try await removeRecord(id, expecting: expecting).outcome
    }

    /// Removes a record.
    ///
    /// - Returns: The outcome, and whether this call may have removed it. Where an answer was lost with its connection
    ///   and the record is gone by the next try, nobody can tell who removed it: of several removals at most one
    ///   answers `.removed`, those left out that answer `.removed(.unconfirmed)`.
    func removeRecord(
        _ id: ModelID, expecting: Change.Expectation = .nothing
    ) async throws(ModelError) -> (outcome: RemoveOutcome, mayHaveBeen: Bool) {
        let arguments = try ExpectationArguments(expecting)
        if isEnding(id) { return (.gone, false) }
        let answer: ScriptAnswer
        do throws(ModelError) {
            answer = try await write(
                RecordScripts.remove,
                id: id,
                operation: OperationID(),
                isRepeated: nil,
                lane: .confirmed,
                argumentCount: arguments.count,
                arguments.write
            )
        } catch {
            guard case .nothing = expecting, await endLater(id, after: error) else { throw error }
            return (.removed(.unconfirmed), true)
        }
        switch answer.word {
        case .removed:
            await client.keep(.removal(of: keys.record(id)), answeredBy: answer.replies)
            return (.removed(answer.confirmation), true)
        case .gone:
            guard answer.wasResent else { return (.gone, false) }
            // The first try may have removed it.
            await client.keep(.removal(of: keys.record(id)), answeredBy: answer.replies)
            // Nobody has waited for the replicas to have that.
            return (waitsForReplicas ? .removed(.unconfirmed) : .gone, true)
        case .conflict: return (.conflict(try answer.current(id, in: self)), false)
        default: throw unreadable(answer, id: id)
        }
    }

    /// Runs a script that writes; once more if its connection was lost, within the time of one command.
    ///
    /// - Parameters:
    ///   - isRepeated: Whether the write was asked before; `nil` for a script that doesn't want to know.
    ///   - lane: Whether the server's replicas are to confirm it.
    private func write(
        _ script: RedisScript,
        id: ModelID,
        operation: OperationID,
        isRepeated: Bool?,
        lane: RequestLane = .interactive,
        argumentCount: Int,
        _ arguments: (inout RESPEncoder) -> Void
    ) async throws(ModelError) -> ScriptAnswer {
        let key = keys.record(id)
        let mark = operation.text
        let deadline = ContinuousClock.now + client.configuration.commandTimeout
        var wasSent = false
        while true {
            do {
                let replies = try await client.evaluate(
                    script,
                    keys: [key],
                    argumentCount: argumentCount + (isRepeated == nil ? 1 : 2),
                    timeout: wasSent ? deadline - .now : nil,
                    lane: lane
                ) { encoder in
                    encoder.argument(mark)
                    if let isRepeated { encoder.argument(isRepeated || wasSent ? "1" : "0") }
                    arguments(&encoder)
                }
                guard var answer = ScriptAnswer(replies, operation: mark) else { throw foreignReply(replies) }
                answer.wasResent = wasSent
                return answer
            } catch let error as RedisError {
                // A timeout has used up the time of one command; a lost connection has not.
                if error.code == .outcomeUnknown, ContinuousClock.now < deadline {
                    wasSent = true
                    continue
                }
                // That the repetition was not sent says nothing of the first try.
                if wasSent, error.code.isKnownNotExecuted {
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

    /// Whether the client is set to wait for replicas.
    var waitsForReplicas: Bool { client.configuration.durability != .acknowledged }

    private static let firstRevision: [UInt8] = Array("1:".utf8)

    private func check(size: Int, id: ModelID) throws(ModelError) {
        guard size <= maximumBytes else { throw tooLarge(size, id: id) }
    }

    private func tooLarge(_ size: Int, id: ModelID) -> ModelError {
        ModelError(
            .tooLarge, "\(name) \(id) would have \(size) bytes; at most \(maximumBytes) are accepted (maximumBytes)")
    }

    private func unreadable(_ answer: ScriptAnswer, id: ModelID) -> ModelError {
        switch answer.word {
        case .unreadable: unreadable(id, "it has no record's own fields, or numbers out of bounds")
        case .newer: newer(id)
        default: foreignReply(answer.replies)
        }
    }
}
