import Metrics
import Modeler

extension Session {
    /// Stores what was changed, now. Without a change it does nothing and asks nobody.
    ///
    /// A save whose answer was lost throws `storeUnavailable`, though the store may have applied it. The changes stay, and
    /// the next save of this request repeats that write first, which the store applies at most once.
    ///
    /// - Throws: ``SessionError``: `gone` when the session ended meanwhile, `conflict` where a field's policy is to
    ///   fail, `storeUnavailable`, `tooLarge`, `invalidField`, or `detached`.
    public func save() async throws(SessionError) {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        try await commit()
    }

    /// Ends the session: its record is removed and the client's cookie expires with this response. What is written
    /// afterwards begins a new session. A request whose token was replaced just before has no session to end.
    ///
    /// - Throws: ``SessionError``: `storeUnavailable` when the store did not confirm; the session may then live on.
    public func destroy() async throws(SessionError) {
        if isReplaced { return }
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        let newID = try manager.newID(for: details)
        try await removeRecord()
        withState { $0.reset(now: manager.now(), id: newID, expiresCookie: true) }
    }

    /// Ends the session and begins an empty one under a new id. As any new session it is stored, and the client gets
    /// its cookie, once something is written to it.
    ///
    /// - Throws: As ``destroy()``.
    public func regenerate() async throws(SessionError) {
        try await destroy()
    }

    /// Starts the idle limit anew and sends the cookie again.
    ///
    /// - Throws: ``SessionError``: `gone` when the session ended meanwhile, `storeUnavailable`, `detached`.
    public func touch() async throws(SessionError) {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        guard let id = storedID else { return }
        try await renew(id)
        withState { if $0.token != nil { $0.cookie = .issue } }
    }

    /// Reads the session anew and drops what was changed and not saved. One that has vanished becomes an empty one
    /// under a new id.
    ///
    /// - Throws: ``SessionError``: `storeUnavailable`, `detached`.
    public func reload() async throws(SessionError) {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        let newID = try manager.newID(for: details)
        guard let id = storedID else {
            withState { $0.reset(now: manager.now(), id: newID, expiresCookie: false) }
            return
        }
        let model = try await manager.fetchReadable(id)
        withState { state in
            if let model { state.settleDoubt(by: model) }
            if let model, let standing = state.standing(afterReading: model) {
                let before = state
                state = .stored(
                    model, token: before.token, scope: before.scope, isTokenSuperseded: standing == .graced)
                state.wasPresented = before.wasPresented
                state.cookie = before.cookie
                state.transport = before.transport
                state.wasUsed = before.wasUsed
                state.section = before.section
                state.doubtfulToken = before.doubtfulToken
            } else {
                state.reset(now: manager.now(), id: newID, expiresCookie: model == nil)
            }
        }
    }

    // MARK: Steps

    /// The record's id, while there is one.
    var storedID: ModelID? {
        withState { if case .stored = $0.standing { $0.model.id } else { nil } }
    }

    func requireAttached() throws(SessionError) {
        let reason = use { state -> SessionState.DetachedReason? in
            if case .detached(let reason) = state.standing { reason } else { nil }
        }
        switch reason {
        case nil: if withState({ $0.refusesWrites }) { throw Self.refusedWrite }
        case .insecureRequest:
            throw SessionError(.detached, "the session cookie is for TLS only and this request came without")
        case .optedOut:
            throw SessionError(.detached, "this request takes no part in sessions: its path is outside the cookie's")
        case .dropped:
            throw SessionError(.detached, "the session was dropped in this request")
        case .replaced:
            throw SessionError(
                .gone, "the client's token was replaced just before this request came, by a sign-in or a rotation")
        case .storeDown:
            throw SessionError(.storeUnavailable, "the session store was down when this request began")
        }
    }

    /// Why a session of a store that takes no writes is not saved.
    static var refusedWrite: SessionError {
        SessionError(.storeUnavailable, "the session store took no writes when this request began")
    }

    private func removeRecord() async throws(SessionError) {
        guard let id = storedID else { return }
        try await manager.end(id, .destroyed)
        await withdrawOwnership(of: id)
    }

    func renew(_ id: ModelID) async throws(SessionError) {
        try await requireOwner()
        let lifetime: Lifetime?
        do {
            lifetime = try await manager.touch(id, expiry: nil)
        } catch  where error.code == .unreadable {
            throw endUnreadable(error)
        }
        guard let lifetime else {
            end(expiresCookie: true)
            throw SessionError(.gone, "\(id) ended while this request ran")
        }
        withState {
            $0.model.lifetime = lifetime
            $0.hasNewDeadline = true
            $0.noteRecord()
        }
    }

    func end(expiresCookie: Bool) {
        let id = withState { state in
            state.end(expiresCookie: expiresCookie)
            return state.model.id
        }
        // Where only its token was replaced, the session lives on.
        if expiresCookie { manager.watchers.end(id, .elsewhere) }
        manager.report(.goneWhileInUse(session: id))
    }
}
