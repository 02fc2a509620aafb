import Modeler

extension Session {
    /// Stores what was changed, now. Makes no store call when nothing changed.
    ///
    /// A save whose answer was lost throws `storeUnavailable`, though the store may have applied it. The changes stay,
    /// and the next save of this request repeats that write first, which the store applies at most once.
    ///
    /// - Throws: ``SessionError``: `gone` when the session ended or its token was replaced meanwhile, `conflict` where
    ///   a field's policy is to fail, `storeUnavailable`, `tooLarge`, `invalidField`, `detached`, `unreadableHere`, or
    ///   `responseSent` where a new session is to be stored after the response's head has left.
    public func save() async throws(SessionError) {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        try await Saver(self).run(SaveCall(.save))
    }

    /// Ends the session: its record is removed and the client's cookie expires with this response. What is written
    /// afterwards begins a new session.
    ///
    /// A request whose token was replaced meanwhile has no session to end: nothing happens to the one there is, and the
    /// request goes on detached.
    ///
    /// - Returns: How far the end is known to last.
    /// - Throws: ``SessionError``: `storeUnavailable` when the store did not answer; the session may then live on.
    @discardableResult
    public func destroy() async throws(SessionError) -> EndOutcome {
        if isReplaced { return .ended }
        try requireAttached()
        return try await end()
    }

    /// Ends the session and begins an empty one under a new id. As any new session it is stored, and the client gets
    /// its cookie, once something is written to it.
    ///
    /// So does a request whose session only other servers can read; nothing happens to that one.
    ///
    /// - Throws: As ``destroy()``.
    public func regenerate() async throws(SessionError) {
        let isUnreadable = withMachine { if case .detached(_, .unreadable) = $0.phase { true } else { false } }
        guard isUnreadable else {
            try await destroy()
            return
        }
        let newID = try manager.newID(for: details)
        withMachine { $0.beginAnew(now: manager.now(), id: newID) }
    }

    /// Starts the idle timeout anew and sends the cookie again.
    ///
    /// - Throws: ``SessionError``: `gone` when the session ended or its token was replaced meanwhile,
    ///   `storeUnavailable`, `detached`.
    public func touch() async throws(SessionError) {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        guard withMachine({ $0.record != nil || $0.hasEnded }) else { return }
        try await Saver(self).run(SaveCall(.renew))
        withMachine { $0.exchange.resends = true }
    }

    /// Reads the session anew and drops what was changed and not saved.
    ///
    /// Where it has ended or its token was replaced, the request goes on with a detached session under a new id: empty,
    /// never stored, and without a cookie, as the client may have got a newer one.
    ///
    /// - Throws: ``SessionError``: `storeUnavailable`, `detached`.
    public func reload() async throws(SessionError) {
        try requireAttached()
        await gate.enter()
        defer { gate.leave() }
        let newID = try manager.newID(for: details)
        let isStored = withMachine { machine in
            switch machine.phase {
            case .stored: return true
            case .fresh: machine.beginAnew(now: manager.now(), id: newID)
            case .ended: machine.detach(.ended, now: manager.now(), id: newID)
            case .detached: break
            }
            return false
        }
        guard isStored else { return }
        var call = SaveCall(.reload)
        call.newID = newID
        try await Saver(self).run(call)
    }

    // MARK: Steps

    private func end() async throws(SessionError) -> EndOutcome {
        await gate.enter()
        defer { gate.leave() }
        let newID = try manager.newID(for: details)
        let record = withMachine { $0.record }
        var call = SaveCall(.remove)
        call.newID = newID
        let confirmation = try await Saver(self).run(call).confirmation
        let isOver = withMachine { machine in
            switch machine.phase {
            case .stored, .fresh:
                machine.beginAnew(now: manager.now(), id: newID)
                return true
            case .ended, .detached: return false
            }
        }
        if isOver, let record, let owner = try? record.owner?.owner {
            await manager.users.withdraw([record.model.id], of: owner)
        }
        return EndOutcome(confirmation)
    }

    /// Whether the client's token was replaced, by a sign-in say.
    var isReplaced: Bool { withMachine { $0.isReplaced } }

    /// Checks that the session takes part.
    func requireAttached() throws(SessionError) {
        if let error = observe({ $0.detachment }) { throw error }
    }
}

extension SessionMachine {
    var hasEnded: Bool {
        if case .ended = phase { true } else { false }
    }

    /// Why the session can't be saved, as an error; `nil` where it can be.
    var detachment: SessionError? {
        switch phase {
        case .fresh, .ended: nil
        case .stored(let record): record.isReadOnly ? .refusedWrite : nil
        case .detached(_, let reason):
            switch reason {
            case .insecureRequest:
                SessionError(.detached, "the session cookie is for TLS only and this request came without")
            case .optedOut:
                SessionError(.detached, "this request takes no part in sessions: its path is outside the cookie's")
            case .dropped: SessionError(.detached, "the session was dropped in this request")
            case .missingMiddleware:
                SessionError(.detached, "the route has no session middleware: add it before the route")
            case .replaced:
                SessionError(.gone, "another token has replaced the client's, by a sign-in or a rotation")
            case .ended: SessionError(.gone, "the session ended while this request ran")
            case .unreadable:
                SessionError(
                    .unreadableHere,
                    "the session's record is of a newer layout or schema, or under a key that this server doesn't have")
            case .storeDown:
                SessionError(.storeUnavailable, "the session store was down when this request began")
            }
        }
    }
}
