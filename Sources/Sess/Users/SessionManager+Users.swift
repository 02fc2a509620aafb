import Metrics
public import Modeler

extension SessionManager {
    /// A user's sessions, the one last used first.
    ///
    /// - Throws: ``SessionError``: `storeUnavailable`, `invalidUser`, `invalidConfiguration` where the store keeps no
    ///   owners.
    public func sessions(of userID: String) async throws(SessionError) -> [UserSession] {
        let owner = try users.owner(userID)
        return try await users.live(try await users.known(of: owner), of: owner).sorted { $0.lastSeen > $1.lastSeen }
    }

    /// Ends one of a user's sessions. One that is somebody else's is left alone, so that an id that a client sends can
    /// be given as it is.
    ///
    /// - Returns: Whether there was such a session.
    /// - Throws: As ``sessions(of:)``.
    @discardableResult
    public func revoke(_ id: ModelID, of userID: String) async throws(SessionError) -> Bool {
        let owner = try users.owner(userID)
        do {
            guard let model = try await store.fetch(id), users.isOwned(model, by: owner) else { return false }
        } catch  where error.code == .unreadable || error.code == .unreadableHere {
            // Whose it is, only the index can tell.
            guard try await users.known(of: owner).owned.contains(id) else { return false }
        }
        try await users.remove([id], of: owner)
        return true
    }

    /// Ends the signed-in user's other sessions, and sign-ins that asked the store before.
    ///
    /// As ``revokeAll(of:)`` it moves the user's epoch, so that a session that the store's index has lost ends at its
    /// next check. The session that is spared gets the new epoch by a write of its own; what was changed before is
    /// saved first.
    ///
    /// - Returns: How far their end is known to last.
    /// - Throws: As ``sessions(of:)`` and ``Session/save()``; `notSignedIn` where nobody is; `gone` where the session
    ///   itself was revoked.
    @discardableResult
    public func revokeOthers(than session: Session) async throws(SessionError) -> EndOutcome {
        guard let userID = session.userID else {
            throw SessionError(.notSignedIn, "nobody is signed in to \(session.id)")
        }
        return try await users.revokeOthers(than: session, userID, try users.owner(userID))
    }

    /// Ends all sessions of a user, and sign-ins that asked the store before.
    ///
    /// One write revokes them all; their records are removed before this returns. Where that fails in the middle,
    /// call it again, or leave the rest to ``SessionOptions/Users/epochCheck``.
    ///
    /// - Returns: How far their end is known to last.
    /// - Throws: As ``sessions(of:)``.
    @discardableResult
    public func revokeAll(of userID: String) async throws(SessionError) -> EndOutcome {
        let owner = try users.owner(userID)
        let known = try await store.askOwners { (owners) throws(ModelError) in
            try await owners.advanceEpoch(of: owner)
        }
        let removed = try await users.remove(known.condemned, of: owner)
        metrics.count(known.confirmation)
        return EndOutcome(known.confirmation.and(removed.confirmation))
    }

    /// A number that grows with each ``revokeAll(of:)`` and ``revokeOthers(than:)``. Read before a password is checked,
    /// and given to the sign-in, it lets no revocation in between be missed: see
    /// ``Session/signIn(userID:device:since:)``.
    ///
    /// - Throws: As ``sessions(of:)``.
    public func epoch(of userID: String) async throws(SessionError) -> OwnerEpoch {
        try await users.known(of: try users.owner(userID)).epoch
    }
}
