import Modeler

/// What the store's answers mean.
extension SessionMachine {
    /// What remains to be done about an answer.
    enum Followup: Sendable {
        /// The next request is asked for.
        case proceed
        /// Another request has changed the same session: the policies decide, outside of every lock.
        case resolve(Conflict)
        /// A session of this id is there already: the new one needs another.
        case rename(ModelID)
    }

    /// Takes an answer to the request that was asked for last.
    ///
    /// - Throws: ``SessionError`` where the call can't reach its goal.
    mutating func take(
        _ answer: StoreAnswer, _ call: inout SaveCall, now: @autoclosure () -> Timestamp
    ) throws(SessionError) -> Followup {
        switch answer {
        case .inserted(let commit):
            let (model, token) = try insertion(of: call)
            applyInsertion(Self.model(of: model, commit), token, &call)
        case .exists:
            let (model, _) = try insertion(of: call)
            attempt.settle()
            return .rename(model.id)
        case .committed(let commit): applyChange(commit, &call)
        case .conflict(let current): return try takeConflict(current, &call, now: now())
        case .removed(let confirmation):
            noteEnd(of: id)
            call.confirmation = confirmation
            call.isDone = true
        case .gone: try takeGone(&call)
        case .found(let model): return try takeRead(model, &call, now: now())
        case .owned(let isOwned): try takeOwned(isOwned, &call)
        case .unreadable(let error): try takeUnreadable(error, &call, now: now())
        }
        return .proceed
    }

    /// The insertion that a call has asked for.
    private func insertion(of call: SaveCall) throws(SessionError) -> (NewModel, SessionToken) {
        guard case .insert(let model, _, let token)? = call.planned?.write else {
            throw SessionError(.storeUnavailable, "the store has answered an insertion that nobody asked for")
        }
        return (model, token)
    }

    /// Takes note of a request that has failed, maybe after it was applied.
    mutating func fail(_ error: SessionError, _ call: SaveCall) {
        guard let planned = call.planned else { return }
        guard call.keepsUnresolved else {
            attempt.settle()
            return
        }
        attempt.fail(planned, isUnknown: error.leavesOutcomeUnknown)
        // A sign-in that has failed signs nobody in.
        if error.leavesOutcomeUnknown, let rotation = planned.rotation, !planned.isSignIn {
            client.doubt(rotation.token)
        }
    }

    // MARK: Writes that were applied

    private static func model(of new: NewModel, _ commit: Commit) -> Model {
        Model(
            id: new.id, revision: commit.revision, created: commit.created, updated: commit.updated,
            fields: Fields(new.fields.map { Field(name: $0.name, value: $0.value, revision: commit.revision) }),
            lifetime: commit.lifetime)
    }

    private mutating func applyInsertion(_ model: Model, _ token: SessionToken, _ call: inout SaveCall) {
        guard let planned = call.planned else { return }
        let isRepeated = attempt.unresolved != nil
        phase = .stored(SessionRecord(model))
        client = .held(ClientToken.Held(token: token))
        attempt.settle()
        changes.limits = nil
        changes.isPersistent = nil
        changes.pending.removeStored(planned.pending)
        exchange.hasIssued = true
        exchange.isConfirmed = true
        if planned.isOf(call.operations) {
            call.results = planned.values
            call.operations = []
        }
        // What was set for a time is stored next.
        call.isDone = !isRepeated && changes.pending.isEmpty
    }

    private mutating func applyChange(_ commit: Commit, _ call: inout SaveCall) {
        exchange.isConfirmed = if case .held = client { true } else { false }
        guard let planned = call.planned, case .change(let change) = planned.write else {
            // A renewal, or a confirmation alone.
            let moved = withRecord { record in
                defer { record.apply(Change([]), commit) }
                return record.model.lifetime?.expires != commit.lifetime.expires
            }
            if moved == true { exchange.hasNewDeadline = true }
            call.isDone = true
            return
        }
        let isRepeated = attempt.unresolved != nil
        attempt.settle()
        withRecord { $0.apply(change, commit) }
        if change.renewal != .keep { exchange.hasNewDeadline = true }
        if let rotation = planned.rotation {
            client = .held(ClientToken.Held(token: rotation.token))
            exchange.hasIssued = true
        }
        if case .replace = change.renewal { takeNewLimits(planned, &call) }
        changes.pending.removeStored(planned.pending)
        finish(planned, commit, isRepeated: isRepeated, change, &call)
    }

    private mutating func takeNewLimits(_ planned: PlannedSave, _ call: inout SaveCall) {
        // What is remembered or forgotten comes with its limits, and changes what the cookie says.
        if changes.isPersistent != nil { exchange.resends = true }
        changes.limits = nil
        changes.isPersistent = nil
        // A sign-in tells the index itself.
        call.refreshesIndex = !planned.isSignIn
    }

    private mutating func finish(
        _ planned: PlannedSave, _ commit: Commit, isRepeated: Bool, _ change: Change, _ call: inout SaveCall
    ) {
        switch call.goal {
        case .save:
            let values = planned.values.isEmpty ? commit.values : planned.values + commit.values
            guard isRepeated else {
                if call.results.isEmpty { call.results = values }
                call.isDone = true
                return
            }
            if planned.rotation != nil { call.rotation = nil }
            if planned.isOf(call.operations) {
                call.results = values
                call.operations = []
            }
        case .enter(let holder, _):
            withRecord { $0.lease = HeldSection(holder: holder, revision: commit.revision) }
            call.isDone = true
        case .renew, .confirm, .remove, .reload, .refresh, .update: call.isDone = true
        }
    }

    // MARK: Endings

    /// This request has ended a session: the client is told where it is the one that it has the token of.
    mutating func noteEnd(of id: ModelID) {
        if exchange.presented == id { exchange.hasEnded = true }
    }

    private mutating func takeGone(_ call: inout SaveCall) throws(SessionError) {
        if case .remove = call.goal {
            end()
            call.isDone = true
            return
        }
        let id = model.id
        end()
        call.events.append(.goneWhileInUse(session: id))
        throw SessionError(ended: id)
    }

    private mutating func takeOwned(_ isOwned: Bool, _ call: inout SaveCall) throws(SessionError) {
        guard isOwned else {
            let id = model.id
            end()
            call.events.append(.goneWhileInUse(session: id))
            throw SessionError(.gone, "\(id) was revoked while this request ran")
        }
        withRecord { $0.mayRenew = true }
    }

    private mutating func takeUnreadable(
        _ error: SessionError, _ call: inout SaveCall, now: Timestamp
    ) throws(SessionError) {
        let id = model.id
        call.events.append(.unreadableSession(session: id))
        if case .reload = call.goal {
            detach(error.code == .unreadableHere ? .unreadable : .ended, now: now, id: call.newID)
            call.isDone = true
            return
        }
        end()
        throw SessionError(.gone, "the record of \(id) can't be read any more", underlying: error)
    }

    // MARK: Reading again

    private mutating func takeRead(
        _ current: Model?, _ call: inout SaveCall, now: Timestamp
    ) throws(SessionError) -> Followup {
        if case .insert(let new, _, let token)? = call.planned?.write {
            return takeLostInsertion(current, new.id, token, &call)
        }
        guard case .reload = call.goal else {
            call.isDone = true
            guard let current else {
                try takeGone(&call)
                return .proceed
            }
            return try takeConflict(current, &call, now: now)
        }
        call.isDone = true
        guard let current else {
            detach(.ended, now: now, id: call.newID)
            return .proceed
        }
        let status = client.status(in: current, namespace)
        guard status != .replaced else {
            detach(.replaced, now: now, id: call.newID)
            return .proceed
        }
        note(status)
        let lease = record?.lease
        phase = .stored(SessionRecord(current))
        withRecord { record in
            if let lease, record.section?.holder == lease.holder { record.lease = lease.renewed(in: current) }
        }
        changes = Changes()
        attempt.settle()
        return .proceed
    }

    /// Goes on after an insertion whose answer was lost: with the record where it is there, and otherwise anew under
    /// another id, as the session may have been stored and ended since.
    private mutating func takeLostInsertion(
        _ current: Model?, _ id: ModelID, _ token: SessionToken, _ call: inout SaveCall
    ) -> Followup {
        let held = ClientToken.held(ClientToken.Held(token: token))
        guard let current, held.status(in: current, namespace) == .current else {
            attempt.settle()
            return .rename(id)
        }
        applyInsertion(current, token, &call)
        return .proceed
    }

    /// Takes over what a record that was read now says of the client's token.
    mutating func note(_ status: ClientToken.Status) {
        client.note(status)
        if status == .replacedByDoubt { exchange.hasIssued = true }
    }
}

extension SessionError {
    /// A session ended while the request ran.
    init(ended id: ModelID, fileID: StaticString = #fileID, line: UInt = #line) {
        self.init(.gone, "\(id) ended while this request ran", fileID: fileID, line: line)
    }

    /// A session of a store that takes no writes is not saved.
    static var refusedWrite: SessionError {
        SessionError(.storeUnavailable, "the session store took no writes when this request began")
    }

    /// Whether a write that has failed so may have been applied.
    var leavesOutcomeUnknown: Bool {
        let code = (underlying as? ModelError)?.code
        return code == .outcomeUnknown || code == .cancelled
    }
}
