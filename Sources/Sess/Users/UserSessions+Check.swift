import Modeler

/// Checks of sessions against their user's epoch.
extension UserSessions {
    /// The result of a session's check.
    enum Check: Sendable {
        /// Nobody is signed in, or the session was checked now: its deadline may be moved.
        case passed
        /// It was checked not long ago: its deadline stays.
        case notDue
        /// It was revoked.
        case revoked
    }

    /// Checks a session that a request brought, where that is due.
    func check(_ model: Model) async throws(SessionError) -> Check {
        guard model.fields[ReservedField.owner] != nil else { return .passed }
        let isDue = options.users.epochCheck == .everyRequest || !isRenewable(model) || manager.isRenewalDue(model)
        guard isDue else { return .notDue }
        do {
            return try await confirm(model) ? .passed : .revoked
        } catch  where error.code == .storeUnavailable && options.store.whenDown == .readOnly {
            return try await isOwnedByIndex(model) ? .notDue : .revoked
        }
    }

    /// Whether a session still is its user's, by the user's epoch. A revoked one is removed.
    ///
    /// - Parameter reportsLoss: Whether it is reported where the index knew nothing of the user.
    func confirm(_ model: Model, reportsLoss: Bool = true) async throws(SessionError) -> Bool {
        guard store.owners != nil else { return true }
        let record: OwnerRecord
        let owner: OwnerID
        do {
            guard let found = try OwnerRecord.read(model) else { return true }
            record = found
            owner = try found.owner
        } catch {
            manager.report(.unreadableSession(session: model.id))
            return false
        }
        let isOwned = try await renew(model, owner, record.epoch, reportsLoss: reportsLoss)
        if !isOwned { try await remove([model.id], of: owner) }
        return isOwned
    }

    /// Tells the index the session's new deadline. It only helps, and a store that can't serve now fails nothing: the
    /// record is the truth.
    ///
    /// - Returns: Whether the session is its user's still; a revoked one is removed.
    func refresh(_ model: Model) async throws(SessionError) -> Bool {
        guard store.owners != nil, let record = try? OwnerRecord.read(model), let owner = try? record.owner
        else { return true }
        let isOwned = try? await renew(model, owner, record.epoch)
        guard isOwned == false else { return true }
        try await remove([model.id], of: owner)
        return false
    }

    private func renew(
        _ model: Model, _ owner: OwnerID, _ epoch: OwnerEpoch, reportsLoss: Bool = true
    ) async throws(SessionError) -> Bool {
        let expires = Self.indexDeadline(model)
        var epoch = epoch
        while true {
            let outcome = try await store.askOwners { [epoch] (owners) throws(ModelError) in
                try await owners.renew(model.id, of: owner, epoch: epoch, expires: expires)
            }
            if outcome == .restored, reportsLoss { manager.report(.userIndexLost(session: model.id)) }
            if outcome.isOwned { return true }
            // Another request of the session may have revoked the others since this one has read the record.
            guard let current = try await self.epoch(of: model.id, owner), current > epoch else { return false }
            epoch = current
        }
    }

    /// The epoch that a session's record names now; `nil` where it is no session of the user's any more.
    private func epoch(of id: ModelID, _ owner: OwnerID) async throws(SessionError) -> OwnerEpoch? {
        do {
            guard let model = try await store.fetch(id), isOwned(model, by: owner) else { return nil }
            return try? OwnerRecord.read(model)?.epoch
        } catch  where error.code == .unreadable || error.code == .unreadableHere {
            return nil
        }
    }

    /// Whether a session still is its user's, where the store takes no writes.
    private func isOwnedByIndex(_ model: Model) async throws(SessionError) -> Bool {
        guard store.owners != nil, let record = try? OwnerRecord.read(model), let owner = try? record.owner else {
            return true
        }
        let known = try await known(of: owner)
        if known.condemned.contains(model.id) { return false }
        // One that is reserved is about to name the present epoch.
        return known.epoch <= record.epoch || known.reserved.contains(model.id)
    }

    /// Whether use can move a session's deadline. It can't without an idle limit, nor towards the absolute one's end.
    private func isRenewable(_ model: Model) -> Bool {
        guard let lifetime = model.lifetime, let expires = lifetime.expires, lifetime.expiry.idle != nil else {
            return false
        }
        return lifetime.expiry.absolute.map { expires < model.created + $0 } ?? true
    }
}
