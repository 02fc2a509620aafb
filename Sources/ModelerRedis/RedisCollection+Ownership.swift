import HiredisClient
public import Modeler
import RESP

extension RedisCollection: OwnershipCollection {
    public func ownership(of owner: OwnerID) async throws(ModelError) -> Ownership {
        try await complete(try await ask(OwnershipScripts.read, owner, [""], expecting: [.known]), owner)
    }

    public func reserve(
        _ id: ModelID,
        for owner: OwnerID,
        limit: Int?,
        condemning victims: [ModelID],
        hold: Duration
    ) async throws(ModelError) -> ReservationOutcome {
        let arguments = [id.rawValue, String(limit ?? 0), String(hold.wholeMilliseconds)]
        var victims = victims.map(\.rawValue)[...]
        while true {
            let part = victims.prefix(OwnershipScripts.width)
            victims = victims.dropFirst(part.count)
            let answer = try await ask(
                OwnershipScripts.reserve, owner, arguments + part, expecting: [.reserved, .full, .condemned])
            if answer.word == .condemned { return .condemned }
            // All victims make room.
            guard victims.isEmpty else { continue }
            let known = try await complete(answer, owner)
            return answer.word == .full ? .full(known) : .reserved(known)
        }
    }

    public func confirm(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> Bool {
        try await own(id, owner, epoch, expires, mustHavePlace: true) != .revoked
    }

    public func renew(
        _ id: ModelID,
        of owner: OwnerID,
        epoch: OwnerEpoch,
        expires: Timestamp?
    ) async throws(ModelError) -> RenewalOutcome {
        try await own(id, owner, epoch, expires, mustHavePlace: false)
    }

    public func advanceEpoch(of owner: OwnerID) async throws(ModelError) -> Ownership {
        // Nothing is spared, so nothing is refused.
        try await condemn(owner, movesEpoch: true, except: nil) ?? Ownership()
    }

    public func advanceEpoch(
        of owner: OwnerID,
        sparing id: ModelID,
        epoch: OwnerEpoch,
        hold: Duration
    ) async throws(ModelError) -> Ownership? {
        try await condemn(owner, movesEpoch: true, except: id, sparing: (epoch, hold))
    }

    public func condemn(allOf owner: OwnerID, except id: ModelID) async throws(ModelError) -> Ownership {
        try await condemn(owner, movesEpoch: false, except: id) ?? Ownership()
    }

    public func withdraw(_ ids: [ModelID], from owner: OwnerID) async throws(ModelError) {
        for start in stride(from: 0, to: ids.count, by: OwnershipScripts.width) {
            let part = ids[start..<min(start + OwnershipScripts.width, ids.count)]
            _ = try await ask(OwnershipScripts.withdraw, owner, part.map(\.rawValue), expecting: [.known])
        }
    }

    // MARK: Steps

    /// The pages of an index that are asked for at most: of some ten million models.
    private static let maximumPages = 10_000

    /// What is known of an owner: the answer, and the pages after it.
    private func complete(_ answer: OwnershipAnswer, _ owner: OwnerID) async throws(ModelError) -> Ownership {
        guard var cursor = answer.cursor else { return answer.ownership }
        var (epoch, entries) = (answer.epoch, answer.entries)
        for _ in 0..<Self.maximumPages {
            let page = try await ask(OwnershipScripts.read, owner, [cursor], expecting: [.known])
            epoch = page.epoch
            entries.merge(page.entries) { $1 }
            guard let next = page.cursor else { return OwnerIndex(epoch: epoch, entries: entries).ownership }
            cursor = next
        }
        throw Self.tooMany
    }

    /// Condemns an owner's models: in one step, or page by page where there are very many.
    ///
    /// - Parameter sparing: The epoch that the record of the one that is left out names, and how long its place is held
    ///   for the new epoch.
    /// - Returns: What is known afterwards; `nil` where the one that is to be spared was revoked itself.
    private func condemn(
        _ owner: OwnerID,
        movesEpoch: Bool,
        except id: ModelID?,
        sparing: (epoch: OwnerEpoch, hold: Duration)? = nil
    ) async throws(ModelError) -> Ownership? {
        let arguments = [
            movesEpoch ? "1" : "0", id?.rawValue ?? "",
            sparing.map { String($0.hold.wholeMilliseconds) } ?? "", sparing.map { String($0.epoch) } ?? "",
        ]
        var confirmation = WriteConfirmation.confirmed
        func page(_ cursor: String) async throws(ModelError) -> OwnershipAnswer {
            let answer = try await ask(
                OwnershipScripts.condemn, owner, arguments + [cursor], lane: .confirmed, expecting: [.known, .revoked])
            confirmation = confirmation.and(answer.confirmation)
            return answer
        }
        let first = try await page("")
        if first.word == .revoked { return nil }
        if movesEpoch { await keep(first, of: owner) }
        guard var cursor = first.cursor else {
            var known = first.ownership
            known.confirmation = confirmation
            return known
        }
        // A model that turns from a reserved one into an owned one meanwhile may be where the first pass was already.
        // It does so once.
        var passes = 2
        for _ in 0..<Self.maximumPages {
            if let next = try await page(cursor).cursor {
                cursor = next
            } else {
                passes -= 1
                if passes == 0 {
                    var known = try await ownership(of: owner)
                    known.confirmation = confirmation
                    return known
                }
                cursor = "0"
            }
        }
        throw Self.tooMany
    }

    private static var tooMany: ModelError {
        ModelError(.storeRefused, "an owner has more models than \(maximumPages) pages of \(OwnershipScripts.width)")
    }

    private func own(
        _ id: ModelID,
        _ owner: OwnerID,
        _ epoch: OwnerEpoch,
        _ expires: Timestamp?,
        mustHavePlace: Bool
    ) async throws(ModelError) -> RenewalOutcome {
        let deadline = expires.map { String($0.milliseconds) } ?? ""
        let arguments = [id.rawValue, String(epoch), deadline, mustHavePlace ? "1" : "0"]
        let answer = try await ask(OwnershipScripts.own, owner, arguments, expecting: [.owned, .restored, .revoked])
        return switch answer.word {
        case .owned: .renewed
        case .restored: .restored
        default: .revoked
        }
    }

    /// Runs a script on an owner's key. Each may run twice, so it is sent again where its connection was lost.
    private func ask(
        _ script: RedisScript,
        _ owner: OwnerID,
        _ arguments: [String],
        lane: RequestLane = .interactive,
        expecting words: Set<OwnershipAnswer.Word>
    ) async throws(ModelError) -> OwnershipAnswer {
        client.beginServerCheck()
        let mark = OperationID().text
        let replies: RESPReplies
        do {
            replies = try await client.evaluate(
                script,
                keys: [keys.owner(owner)],
                argumentCount: 1 + arguments.count,
                retry: .always,
                lane: lane
            ) { encoder in
                encoder.argument(mark)
                for argument in arguments { encoder.argument(argument) }
            }
        } catch {
            throw ModelError(redis: error)
        }
        guard var answer = OwnershipAnswer(replies, operation: mark), words.contains(answer.word) else {
            throw foreignReply(replies)
        }
        answer.confirmation = replies.isConfirmed ? .confirmed : .unconfirmed
        return answer
    }
}
