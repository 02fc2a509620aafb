public import Modeler

extension Session {
    /// Who is signed in; `nil` for nobody.
    public var userID: String? {
        use { $0.owner?.user }
    }

    /// Signs a user in: one write names the user, stores what was changed before, and replaces the client's token, so
    /// that a token which somebody planted earlier is dead at once, on every server. The data stays.
    ///
    /// Requests that carry the token from before, and come in after it was replaced, are no part of the session any
    /// more: it may be somebody else who has that token. Yet they don't take the client's new one away. For
    /// ``SessionOptions/rotationGrace`` they get an empty session that is never stored and for which no cookie is sent.
    /// A sign-in in one of them begins a session of its own.
    ///
    /// A revocation of all the user's sessions ends a sign-in that asked the store before it, at any step. With
    /// `epoch` that holds from the moment on at which the epoch was read.
    ///
    /// - Parameters:
    ///   - userID: What names the user: any text of 1 to 256 bytes.
    ///   - device: What a page that lists the user's sessions is to show.
    ///   - epoch: ``SessionManager/epoch(of:)`` from before the password was checked, so that a sign-in with a
    ///     password that was changed meanwhile doesn't hold.
    /// - Throws: ``SessionError``: as ``save()``; `gone` where the sign-in lost against a revocation or the session
    ///   ended meanwhile; `tooManySessions` where the user has as many as are allowed and the policy is to refuse;
    ///   `invalidUser`; `invalidConfiguration` where the store keeps no owners.
    public func signIn(
        userID: String,
        device: SessionDevice? = nil,
        since epoch: OwnerEpoch? = nil
    ) async throws(SessionError) {
        try beginAnewIfReplaced()
        try requireAttached()
        let (store, owner) = try manager.ownership(of: userID)
        await gate.enter()
        defer { gate.leave() }
        let (id, former, now) = withState { state in
            (state.model.id, state.owner?.user, state.model.revision > 0 ? state.storeTime : nil)
        }
        guard let current = try await manager.reserve(id, for: owner, in: store), current <= epoch ?? current else {
            try await abandon(id, owner, store)
            throw SessionError(.gone, "a revocation overtook the sign-in to \(id)")
        }
        let record = OwnerRecord(user: userID, epoch: current, at: now?.milliseconds, device: device)
        try await commit(rotation: withState { $0.rotation(grace: .zero) }, operations: [record.operation()])
        // An insertion finds its id taken once in 2¹²⁸ times; its new id has no place then, and the sign-in fails.
        try await confirm(owner, current, store)
        if let former, former != userID, let formerOwner = try? OwnerID(former) {
            await manager.withdraw([id], of: formerOwner, in: store)
        }
    }

    /// Signs the user out: as ``destroy()``.
    ///
    /// - Throws: As ``destroy()``.
    public func signOut() async throws(SessionError) {
        try await destroy()
    }

    // MARK: Steps

    /// Whether another token has taken the place of the client's just before this request.
    var isReplaced: Bool {
        withState { if case .detached(.replaced) = $0.standing { true } else { false } }
    }

    /// Where another token has just taken the place of the client's, whoever signs in here gets a session of their own:
    /// a form that was sent twice, say.
    private func beginAnewIfReplaced() throws(SessionError) {
        guard isReplaced else { return }
        let newID = try manager.newID(for: details)
        withState { $0.reset(now: manager.now(), id: newID, expiresCookie: false) }
    }

    var owner: OwnerRecord? {
        withState { $0.owner }
    }

    /// Tells the index the session's new deadline. It only helps, and a store that can't serve now fails nothing: the
    /// record is the truth.
    ///
    /// - Throws: ``SessionError/Code/gone`` where the session was revoked meanwhile, which has ended it.
    func refreshOwnership() async throws(SessionError) {
        let (model, record) = withState { ($0.model, $0.owner) }
        guard let record, let owner = try? record.owner, let store = manager.owners else { return }
        let isOwned = try? await manager.askStore { () throws(ModelError) in
            try await store.renew(
                model.id, of: owner, epoch: record.epoch,
                expires: SessionManager.indexDeadline(model.lifetime, model.created)
            )
        }
        guard isOwned == false else { return }
        try await abandon(model.id, owner, store)
        throw SessionError(.gone, "\(model.id) was revoked while this request ran")
    }

    /// Takes a session whose record was removed out of its user's index. Where that fails, the entry goes later.
    func withdrawOwnership(of id: ModelID) async {
        guard let record = owner, let owner = try? record.owner,
            let store = manager.owners
        else { return }
        await manager.withdraw([id], of: owner, in: store)
    }

    /// Checks a signed-in session against its user's epoch, unless this request did already.
    func requireOwner() async throws(SessionError) {
        let (mayRenew, model) = withState { ($0.mayRenew, $0.model) }
        if mayRenew { return }
        guard try await manager.confirmOwner(model) else {
            end(expiresCookie: true)
            throw SessionError(.gone, "\(model.id) was revoked")
        }
        withState { $0.mayRenew = true }
    }

    private func confirm(
        _ owner: OwnerID, _ epoch: OwnerEpoch, _ store: any OwnershipCollection
    ) async throws(SessionError) {
        let model = withState { $0.model }
        let isConfirmed: Bool
        do {
            isConfirmed = try await manager.askStore { () throws(ModelError) in
                try await store.confirm(
                    model.id, of: owner, epoch: epoch,
                    expires: SessionManager.indexDeadline(model.lifetime, model.created)
                )
            }
        } catch {
            // Nobody has the new token yet, and nobody will get it.
            try? await abandon(model.id, owner, store)
            throw error
        }
        guard isConfirmed else {
            try await abandon(model.id, owner, store)
            throw SessionError(.gone, "a revocation overtook the sign-in to \(model.id)")
        }
        withState { $0.mayRenew = true }
    }

    /// Ends the session of a sign-in that didn't hold.
    private func abandon(
        _ id: ModelID, _ owner: OwnerID, _ store: any OwnershipCollection
    ) async throws(SessionError) {
        end(expiresCookie: true)
        try await manager.remove([id], of: owner, in: store)
    }
}

extension OwnerRecord {
    fileprivate func operation() throws(SessionError) -> (name: String, operation: FieldOperation) {
        do {
            return (Self.fieldName, .set(try EncodedJSON(encoding: self)))
        } catch {
            throw SessionError(.invalidField, error.message, underlying: error)
        }
    }
}

extension SessionState {
    /// Whose the session is; `nil` where nobody is signed in.
    var owner: OwnerRecord? {
        (try? OwnerRecord.read(model)) ?? nil
    }
}
