import Modeler

@testable import Sess

/// A sign-in on its way.
struct MachineSignIn: Sendable {
    let user: String
    let start: SessionMachine
    var before: SessionMachine
    var attempts = 0
}

extension MachineRequest {
    /// Begins a verb as ``Session`` does.
    mutating func start(_ verb: MachineVerb, _ manager: SessionManager) {
        switch verb {
        case .set(let name, let value): set(JSONNumber.encoded(value), name)
        case .unset(let name): set(nil, name)
        case .drop: session.drop()
        case .remember:
            session.changes.limits = NewLimits(expiry: .remembered, isOwn: true)
            session.changes.isPersistent = true
        case .destroy where session.isReplaced: break
        case .signIn(let user):
            if !session.canBeginAnew, let error = session.detachment { return fail(error, .verb(verb), manager) }
            signIn(MachineSignIn(user: user, start: session, before: session))
        default:
            if let error = session.detachment { return fail(error, .verb(verb), manager) }
            work = call(for: verb).map { .call($0, .verb(verb)) }
        }
    }

    private mutating func set(_ value: EncodedJSON?, _ name: String) {
        session.set(value, of: name, policy: nil, maximumFields: 100)
    }

    private mutating func call(for verb: MachineVerb) -> SaveCall? {
        switch verb {
        case .set, .unset, .drop, .remember, .signIn: return nil
        case .increment(let name): return SaveCall(.save, operations: [.init(name, .increment(by: 1))])
        case .save: return SaveCall(.save)
        case .rotate(let grace): return SaveCall(.save, rotation: session.rotation(grace: grace))
        case .touch: return session.record != nil || session.hasEnded ? SaveCall(.renew) : nil
        case .enter(let holder): return SaveCall(.enter(holder: holder, lease: .seconds(600)))
        case .update(let name):
            let draft = SessionDraft(session.record?.liveFields ?? []) { _ in }
            draft.setEncodedValue(JSONNumber.encoded(draft.used.count + 40), of: name, policy: nil)
            return SaveCall(.update(DraftChanges(pending: draft.pending, used: draft.used)))
        case .destroy, .reload:
            if case .reload = verb, session.record == nil { return nil }
            var call = SaveCall(verb == .reload ? .reload : .remove)
            call.newID = SessionToken.randomID()
            return call
        }
    }

    /// Tries to sign in once, as ``Session/signIn(userID:device:since:)`` does.
    private mutating func signIn(_ signIn: MachineSignIn) {
        var signIn = signIn
        signIn.before = session
        signIn.attempts += 1
        let (now, id) = (session.model.updated, SessionToken.randomID())
        let former = signIn.start.record?.owner?.user
        if session.canBeginAnew {
            session.beginAnew(now: now, id: id)
            if former == nil || former == signIn.user {
                session.changes = signIn.start.changes.ofNewSession
            }
        } else if let user = session.record?.owner?.user, user != signIn.user {
            session.beginAnew(now: now, id: id)
        }
        let owner = OwnerRecord(user: signIn.user, epoch: 1, at: session.storeTime?.milliseconds)
        guard let record = try? EncodedJSON(encoding: owner) else { return }
        work = .call(
            SaveCall(
                .save, rotation: session.rotation(grace: .zero), operations: [.init(ReservedField.owner, .set(record))]),
            .signIn(signIn))
    }

    /// Goes on after a call.
    mutating func complete(_ call: SaveCall, _ purpose: Purpose, _ manager: SessionManager) {
        switch purpose {
        case .verb(.touch): session.exchange.resends = true
        case .verb(.update(let name)) where call.isRefused: start(.update(name), manager)
        case .verb(.destroy):
            switch session.phase {
            case .stored, .fresh: session.beginAnew(now: session.model.updated, id: call.newID ?? session.model.id)
            case .ended, .detached: break
            }
        case .signIn(let signIn):
            session.withRecord { $0.mayRenew = true }
            guard let former = signIn.before.record, former.model.id != session.model.id else { return }
            let token = Change.FieldRevision(name: ReservedField.token, revision: former.tokenRevision)
            work = .removal(former.model.id, .fields([token]), .former(signIn.before))
        case .end:
            guard manager.needsConfirmation(session, manager.options.cookie) else { return respond(manager) }
            work = .call(SaveCall(.confirm), .confirmation)
        case .confirmation: respond(manager)
        case .verb, .former, .dropped: break
        }
    }

    /// Goes on after a removal of another record than the session's own.
    mutating func complete(_ answer: StoreAnswer, of id: ModelID, _ purpose: Purpose, _ manager: SessionManager) {
        switch (purpose, answer) {
        case (.dropped, _): session.takeDroppedRemoval(answer, now: session.model.updated)
        case (_, .removed): session.noteEnd(of: id)
        default: break
        }
    }

    /// Goes on after an error.
    mutating func fail(_ error: SessionError, _ purpose: Purpose, _ manager: SessionManager) {
        switch purpose {
        case .signIn(let signIn) where error.code == .gone && signIn.attempts < 5:
            self.signIn(signIn)
            return
        case .signIn(let signIn):
            if signIn.before.model.id != session.model.id { session.resume(signIn.before) }
        case .end where error.code == .gone:
            lost = changed
            return respond(manager)
        // No reason to fail a request that only read.
        case .end where error.code == .storeUnavailable && changed.isEmpty: return respond(manager)
        case .confirmation where error.code == .storeUnavailable || error.code == .gone: return respond(manager)
        case .end, .confirmation:
            thrown.append(error)
            return respond(manager)
        case .verb, .former, .dropped: break
        }
        thrown.append(error)
        if stopsAtErrors { respond(manager) }
    }

    /// Ends the request as ``SessionManager/finish(_:headerFields:)`` does.
    mutating func end(_ manager: SessionManager) {
        changed = session.changes.names
        if case .detached(_, .dropped(let record?)) = session.phase, manager.options.whenDropped == .destroy,
            !session.exchange.hasEnded, !triedRemoval
        {
            triedRemoval = true
            work = .removal(record.model.id, session.expectation(of: record), .dropped)
            return
        }
        switch manager.finalSave(of: session, manager.options.cookie) {
        case .nothing, .removeDropped: respond(manager)
        case .lose(_, let names):
            lost = names
            respond(manager)
        case .save(let rotation): work = .call(SaveCall(.save, rotation: rotation), .end)
        case .renew: work = .call(SaveCall(.renew), .confirmation)
        case .confirm: work = .call(SaveCall(.confirm), .confirmation)
        }
    }

    private mutating func respond(_ manager: SessionManager) {
        field = manager.tokenField(of: session, cookie: manager.options.cookie, isSecure: true)
        session.exchange.isFinished = true
        isDone = true
    }
}

/// Integers as JSON.
enum JSONNumber {
    static func encoded(_ number: Int) -> EncodedJSON { EncodedJSON(unchecked: ArraySlice(String(number).utf8)) }
}
