public import HTTPTypes
import Modeler

extension SessionManager {
    /// Stores what a request changed, renews the session where that is due, and says in the response's header fields
    /// what the client has to know. Call it before the response's head leaves.
    ///
    /// A session that ended meanwhile, or whose token was replaced, is no error unless
    /// ``SessionOptions/whenChangesAreLost`` says so: nothing is stored, and the client is told nothing, as it may have
    /// got a newer token. A task that is cancelled, as its client has gone away, is saved all the same.
    ///
    /// - Throws: ``SessionError`` where the session could not be stored; the response must then not claim that it was.
    public func finish(_ session: Session, headerFields: inout HTTPFields) async throws(SessionError) {
        do {
            try await save(session)
        } catch  where error.code == .cancelled {
            try await saveUncancelled(session)
        }
        addFields(of: session, isLast: true, to: &headerFields)
    }

    private func saveUncancelled(_ session: Session) async throws(SessionError) {
        let task = Task { () -> Result<Void, SessionError> in
            do throws(SessionError) {
                return .success(try await self.save(session))
            } catch {
                return .failure(error)
            }
        }
        try await task.value.get()
    }

    /// Says in the response's header fields what the client has to know, and stores nothing: for a request that failed.
    /// A token that was replaced or a session that was destroyed before the failure is so in the store already.
    public func finishWithoutSaving(_ session: Session, headerFields: inout HTTPFields) {
        addFields(of: session, isLast: false, to: &headerFields)
    }

    /// - Parameter isLast: Whether the response's head leaves with them.
    private func addFields(of session: Session, isLast: Bool, to headerFields: inout HTTPFields) {
        let (field, varies, isSecret) = session.withMachine { machine in
            if isLast { machine.exchange.isFinished = true }
            let field = withCookie(of: session.details) {
                tokenField(of: machine, cookie: $0, isSecure: session.isSecure)
            }
            return (field, machine.exchange.wasUsed || field != nil, machine.exchange.wasRevealed)
        }
        if let field { headerFields.append(field) }
        // RFC 9111 §5.2.2.5: no cache may keep what one client alone may have.
        if field != nil || isSecret { headerFields[.cacheControl] = "no-store" }
        if varies { Self.addVary(options.tokens.transports, to: &headerFields) }
    }

    /// What the end of a request has to ask of the store.
    enum FinalSave: Sendable {
        case nothing
        /// Remove the record of a session that was dropped.
        case removeDropped
        case save(TokenRotation?)
        case renew
        case confirm
        /// Nothing can be stored: why, and the changes that are lost.
        case lose(SessionError, [String])
    }

    private func save(_ session: Session) async throws(SessionError) {
        let due = session.withMachine { machine in withCookie(of: session.details) { finalSave(of: machine, $0) } }
        switch due {
        case .nothing: return
        case .removeDropped: try await session.removeDropped()
        case .lose(let error, let fields):
            try await session.removeDropped()
            try lose(fields, of: session, error)
        case .save(let rotation):
            // A copy, as the changes are gone where the session is.
            let changes = session.withMachine { $0.changes }
            do {
                try await run(SaveCall(.save, rotation: rotation), session)
                if needsConfirmation(session) { try await confirm(session) }
            } catch {
                try settle(error, changes.names, session)
            }
        case .renew, .confirm:
            let isRenewal = if case .renew = due { true } else { false }
            do {
                try await run(SaveCall(isRenewal ? .renew : .confirm), session)
            } catch  where error.code == .storeUnavailable || error.code == .gone {
                // No reason to fail a request that only read.
            }
        }
    }

    private func run(_ call: SaveCall, _ session: Session) async throws(SessionError) {
        if !session.gate.tryEnter() { await session.gate.enter() }
        defer { session.gate.leave() }
        try await Saver(session).run(call)
    }

    /// Confirms the token that is to be sent again, where no write has.
    private func confirm(_ session: Session) async throws(SessionError) {
        do {
            try await run(SaveCall(.confirm), session)
        } catch  where error.code == .storeUnavailable || error.code == .gone {
            // What was changed is stored.
        }
    }

    private func needsConfirmation(_ session: Session) -> Bool {
        session.withMachine { machine in withCookie(of: session.details) { needsConfirmation(machine, $0) } }
    }

    func finalSave(of machine: SessionMachine, _ cookie: SessionCookie) -> FinalSave {
        let isUnchanged = machine.changes.isEmpty
        let record: SessionRecord
        switch machine.phase {
        case .detached(_, let reason):
            if !isUnchanged, let error = machine.detachment { return .lose(error, machine.changes.names) }
            if case .dropped(.some) = reason { return .removeDropped }
            return .nothing
        case .fresh, .ended: return isUnchanged ? .nothing : .save(nil)
        case .stored(let stored): record = stored
        }
        if record.isReadOnly { return isUnchanged ? .nothing : .save(nil) }
        let rotation = options.tokens.rotationInterval == nil ? nil : dueRotation(of: machine)
        if !isUnchanged || rotation != nil { return .save(rotation) }
        if isRenewalDue(record.model) { return .renew }
        return needsConfirmation(machine, cookie) ? .confirm : .nothing
    }

    /// Whether the client's token is to be sent again, and nobody has asked yet whether it still is the current one.
    func needsConfirmation(_ machine: SessionMachine, _ cookie: SessionCookie) -> Bool {
        guard machine.exchange.resends || options.rolling || cookie.alwaysSet, !machine.exchange.isConfirmed,
            case .stored(let record) = machine.phase, !record.isReadOnly, !machine.client.isGraced
        else { return false }
        return machine.client.token != nil
    }

    /// Decides what an error of the final save is to the request.
    private func settle(_ error: SessionError, _ changed: [String], _ session: Session) throws(SessionError) {
        switch error.code {
        case .gone: try lose(changed, of: session, error)
        case .storeUnavailable where changed.isEmpty: return
        case .storeUnavailable where options.store.whenDown == .anonymous && session.isNew:
            try lose(changed, of: session, error)
        default: throw error
        }
    }

    private func lose(_ fields: [String], of session: Session, _ error: SessionError) throws(SessionError) {
        guard !fields.isEmpty else { return }
        report(.changesLost(session: session.id, fields: fields, reason: error.message))
        if options.whenChangesAreLost == .fail { throw error }
    }

    // MARK: Renewal

    /// Whether the deadline would move by the renewal window or more.
    func isRenewalDue(_ model: Model) -> Bool {
        guard let lifetime = model.lifetime, let idle = lifetime.expiry.idle, let expires = lifetime.expires,
            let renewed = Lifetime.deadline(lifetime.expiry, created: model.created, now: lifetime.now)
        else { return false }
        // In milliseconds: dividing a Duration is 128-bit arithmetic.
        let milliseconds = idle.wholeMilliseconds
        let window = min(
            options.timeouts.renewalWindow?.wholeMilliseconds ?? max(60_000, milliseconds / 10), milliseconds / 4)
        return renewed > expires && renewed.milliseconds - expires.milliseconds >= window
    }
}
