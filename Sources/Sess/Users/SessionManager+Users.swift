import Metrics
public import Modeler

extension SessionManager {
    /// A user's sessions, the one last used first.
    ///
    /// - Throws: ``SessionError``: `storeUnavailable`, `invalidUser`, `invalidConfiguration` where the store keeps no
    ///   owners.
    public func sessions(of userID: String) async throws(SessionError) -> [UserSession] {
        let (store, owner) = try ownership(of: userID)
        let known = try await askStore { () throws(ModelError) in try await store.ownership(of: owner) }
        return try await live(known, of: owner, in: store).sorted { $0.lastSeen > $1.lastSeen }
    }

    /// Ends one of a user's sessions. One that is somebody else's is left alone, so that an id that a client sends can
    /// be given as it is.
    ///
    /// - Returns: Whether there was such a session.
    /// - Throws: As ``sessions(of:)``.
    @discardableResult
    public func revoke(_ id: ModelID, of userID: String) async throws(SessionError) -> Bool {
        let (store, owner) = try ownership(of: userID)
        let model = try await askStore { () throws(ModelError) in try await self.sessions.fetch(id) }
        guard let model, isOwned(model, by: owner) else { return false }
        try await remove([id], of: owner, in: store)
        return true
    }

    /// Ends all sessions of the user who is signed in but this one, and sign-ins
    /// that asked the store before.
    ///
    /// - Throws: As ``sessions(of:)``; `notSignedIn` where nobody is.
    public func revokeOthers(than session: Session) async throws(SessionError) {
        guard let userID = session.userID else {
            throw SessionError(.notSignedIn, "nobody is signed in to \(session.id)")
        }
        let (store, owner) = try ownership(of: userID)
        let id = session.id
        let known = try await askStore { () throws(ModelError) in
            try await store.condemn(allOf: owner, except: id)
        }
        try await remove(known.condemned, of: owner, in: store)
    }

    /// Ends all sessions of a user, and sign-ins that asked the store before.
    ///
    /// One write revokes them all; their records are removed before this returns. Where that fails in the middle,
    /// call it again, or leave the rest to ``SessionOptions/ownerCheck``.
    ///
    /// - Throws: As ``sessions(of:)``.
    public func revokeAll(of userID: String) async throws(SessionError) {
        let (store, owner) = try ownership(of: userID)
        let known = try await askStore { () throws(ModelError) in try await store.advanceEpoch(of: owner) }
        try await remove(known.condemned, of: owner, in: store)
    }

    /// A number that grows with each ``revokeAll(of:)``. Read before a password is checked, and given to the sign-in,
    /// it lets no revocation in between be missed: see ``Session/signIn(userID:device:since:)``.
    ///
    /// - Throws: As ``sessions(of:)``.
    public func epoch(of userID: String) async throws(SessionError) -> OwnerEpoch {
        let (store, owner) = try ownership(of: userID)
        return try await askStore { () throws(ModelError) in try await store.ownership(of: owner) }.epoch
    }

    // MARK: Steps

    /// The store and a user as it takes them.
    func ownership(of userID: String) throws(SessionError) -> (any OwnershipCollection, OwnerID) {
        guard let store = owners else {
            throw SessionError(
                .invalidConfiguration, "the session store keeps no owners: it is no OwnershipCollection")
        }
        do {
            return (store, try OwnerID(userID))
        } catch {
            throw SessionError(.invalidUser, error.message, underlying: error)
        }
    }

    /// The sessions that an index names and whose records agree. The other entries leave the index, and what was
    /// condemned is removed.
    func live(
        _ known: Ownership, of owner: OwnerID, in store: any OwnershipCollection
    ) async throws(SessionError) -> [UserSession] {
        try await remove(known.condemned, of: owner, in: store)
        var live: [UserSession] = []
        var stale: [ModelID] = []
        for (id, model) in zip(known.owned, try await models(known.owned)) {
            guard let model else {
                stale.append(id)
                continue
            }
            guard let record = try? OwnerRecord.read(model), isOwned(model, by: owner) else {
                stale.append(id)
                continue
            }
            // Its records outlived a revocation that moved the epoch.
            guard record.epoch >= known.epoch else {
                try await remove([id], of: owner, in: store)
                continue
            }
            live.append(UserSession(model, record))
        }
        if !stale.isEmpty { await withdraw(stale, of: owner, in: store) }
        return live
    }

    /// The models of ids; one that can't be read counts as gone.
    private func models(_ ids: [ModelID]) async throws(SessionError) -> [Model?] {
        do {
            return try await askStore { () throws(ModelError) in try await self.sessions.fetch(ids) }
        } catch  where error.code == .unreadable {
            var models: [Model?] = []
            for id in ids {
                do {
                    models.append(try await askStore { () throws(ModelError) in try await self.sessions.fetch(id) })
                } catch  where error.code == .unreadable {
                    report(.unreadableSession(session: id))
                    models.append(nil)
                }
            }
            return models
        }
    }

    private func isOwned(_ model: Model, by owner: OwnerID) -> Bool {
        guard let record = try? OwnerRecord.read(model), let found = try? record.owner else { return false }
        return found == owner
    }
}
