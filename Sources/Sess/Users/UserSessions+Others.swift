import Modeler

/// Revocations that spare the session that asks for them.
extension UserSessions {
    /// Revokes a user's other sessions: the epoch moves, and the record of the one that is spared names the new epoch.
    func revokeOthers(
        than session: Session, _ userID: String, _ owner: OwnerID
    ) async throws(SessionError) -> EndOutcome {
        await session.gate.enter()
        defer { session.gate.leave() }
        // So that nothing is revoked where the session can't be written.
        try await Saver(session).run(SaveCall(.save))
        let known = try await advanceEpoch(sparing: session, userID, owner)
        var failure: SessionError?
        do {
            try await spare(session, userID, owner, known.epoch)
        } catch {
            failure = error
        }
        let removed = try await remove(known.condemned, of: owner)
        if let failure { throw failure }
        manager.metrics.count(known.confirmation)
        return EndOutcome(known.confirmation.and(removed.confirmation))
    }

    /// Moves a user's epoch and condemns the other sessions.
    private func advanceEpoch(
        sparing session: Session, _ userID: String, _ owner: OwnerID
    ) async throws(SessionError) -> Ownership {
        let id = session.id
        var epoch = try ownerRecord(of: session, userID).epoch
        while true {
            let known = try await store.askOwners { [epoch] (owners) throws(ModelError) in
                try await owners.advanceEpoch(of: owner, sparing: id, epoch: epoch, hold: Self.hold)
            }
            if let known { return known }
            // Another request of the session may have revoked the others since this one has read the record.
            try await Saver(session).run(SaveCall(.refresh))
            let current = try ownerRecord(of: session, userID).epoch
            guard current > epoch else { throw try await revoked(session, owner) }
            epoch = current
        }
    }

    /// Has a session's record name an epoch, and confirms its place.
    private func spare(
        _ session: Session, _ userID: String, _ owner: OwnerID, _ epoch: OwnerEpoch
    ) async throws(SessionError) {
        var backoff = Backoff()
        var record = try ownerRecord(of: session, userID)
        // Another request of the session may have revoked others since, and named a later one.
        while record.epoch < epoch {
            guard await backoff.next() else {
                throw SessionError(
                    .conflict, "\(session.id) was changed by others \(Backoff.maximumAttempts) times in a row")
            }
            record.epoch = epoch
            try await Saver(session).run(SaveCall(.update(try draft(of: record))))
            record = try ownerRecord(of: session, userID)
        }
        let model = session.withMachine { $0.model }
        let place = Place(epoch: record.epoch, condemned: [], victims: [])
        if try await take(place, for: model, of: owner) { return }
        // The epoch has moved again: by another request of the session, or for all.
        guard try await confirm(model) else { throw try await revoked(session, owner) }
    }

    /// The record of a session's user as it was read last.
    private func ownerRecord(of session: Session, _ userID: String) throws(SessionError) -> OwnerRecord {
        guard let record = session.withMachine({ $0.record?.owner }), record.user == userID else {
            throw SessionError(ended: session.id)
        }
        return record
    }

    /// A write of a record in place of exactly the one that was read.
    private func draft(of record: OwnerRecord) throws(SessionError) -> DraftChanges {
        do {
            var pending = PendingChanges()
            pending.set(
                try EncodedJSON(encoding: record), of: OwnerRecord.fieldName, policy: nil, isUnchanged: false)
            return DraftChanges(pending: pending, used: [ByteName(OwnerRecord.fieldName)])
        } catch {
            throw SessionError(.invalidField, error.message, underlying: error)
        }
    }

    /// Removes a session that was revoked, and ends it in its request.
    ///
    /// - Returns: The error to be thrown.
    private func revoked(_ session: Session, _ owner: OwnerID) async throws(SessionError) -> SessionError {
        let id = session.id
        session.withMachine { $0.end() }
        try await remove([id], of: owner)
        return SessionError(.gone, "\(id) was revoked while this request ran")
    }
}
