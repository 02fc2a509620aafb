import HiredisClient
public import Modeler
import RESP

extension RedisCollection: OwnershipCollection {
    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await ask(OwnershipScripts.read, owner, [], expecting: [.known]).ownership
    }

    public func reserve(
        _ id: ModelID,
        for owner: OwnerID,
        limit: Int?,
        condemning victims: [ModelID],
        hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        let arguments = [id.rawValue, String(limit ?? 0), String(hold.wholeMilliseconds)] + victims.map(\.rawValue)
        let answer = try await ask(
            OwnershipScripts.reserve, owner, arguments, expecting: [.reserved, .full, .condemned])
        return switch answer.word {
        case .reserved: .reserved(answer.ownership)
        case .full: .full(answer.ownership)
        default: .condemned
        }
    }

    public func confirm(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await own(id, owner, epoch, expires, mustHavePlace: true)
    }

    public func renew(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await own(id, owner, epoch, expires, mustHavePlace: false)
    }

    public func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await ask(OwnershipScripts.condemn, owner, ["1", ""], expecting: [.known]).ownership
    }

    public func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await ask(OwnershipScripts.condemn, owner, ["0", id.rawValue], expecting: [.known]).ownership
    }

    public func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        _ = try await ask(OwnershipScripts.withdraw, owner, ids.map(\.rawValue), expecting: [.known])
    }

    private func own(
        _ id: ModelID,
        _ owner: OwnerID,
        _ epoch: OwnerEpoch,
        _ expires: Timestamp?,
        mustHavePlace: Bool
    ) async throws(ModelError) -> Bool {
        let deadline = expires.map { String($0.milliseconds) } ?? ""
        let arguments = [id.rawValue, String(epoch), deadline, mustHavePlace ? "1" : "0"]
        return try await ask(OwnershipScripts.own, owner, arguments, expecting: [.owned, .revoked]).word == .owned
    }

    /// Runs a script on an owner's key. Each may run twice, so it is sent again where its connection was lost.
    private func ask(
        _ script: RedisScript,
        _ owner: OwnerID,
        _ arguments: [String],
        expecting words: Set<OwnershipAnswer.Word>
    ) async throws(ModelError) -> OwnershipAnswer {
        let mark = RecordLayout.text(OperationID())
        let replies: RESPReplies
        do {
            replies = try await client.evaluate(
                script,
                keys: [keys.owner(owner)],
                argumentCount: 1 + arguments.count,
                retry: .always
            ) { encoder in
                encoder.argument(mark)
                for argument in arguments { encoder.argument(argument) }
            }
        } catch {
            throw ModelError(redis: error)
        }
        guard let answer = OwnershipAnswer(replies.reply, operation: mark), words.contains(answer.word) else {
            throw foreignReply(replies)
        }
        return answer
    }
}
