import Modeler

/// A sign-in on its way: a place among the user's sessions is taken, a write names the user and replaces the token,
/// what has to make room is removed, and the place is confirmed.
///
/// Whoever runs it holds the session's gate.
struct SignIn {
    private let session: Session
    private let userID: String
    private let owner: OwnerID
    private let device: SessionDevice?
    /// The epoch that the user must not have passed.
    private var since: OwnerEpoch?
    /// The session as it was before.
    private let start: SessionMachine

    private var manager: SessionManager { session.manager }
    private var users: UserSessions { session.manager.users }

    init(_ session: Session, userID: String, owner: OwnerID, device: SessionDevice?, since: OwnerEpoch?) {
        self.session = session
        self.userID = userID
        self.owner = owner
        self.device = device
        self.since = since
        start = session.withMachine { $0 }
    }

    mutating func run() async throws(SessionError) {
        try check()
        // So that a field that can't be stored is known before a place is taken.
        if manager.options.users.maximumSessions != nil, start.record != nil, !start.changes.pending.isEmpty {
            do {
                try await Saver(session).run(SaveCall(.save))
            } catch  where error.code == .gone {
                // A new session begins.
            }
        }
        var backoff = Backoff()
        while await backoff.next() {
            if try await attempt() { return }
        }
        throw SessionError(
            .conflict, "\(session.id) was changed by others \(Backoff.maximumAttempts) times in a row")
    }

    /// Refuses what can be refused before a place is taken.
    private func check() throws(SessionError) {
        try session.withMachine { (machine) throws(SessionError) in
            if case .notAsked = machine.client {
                throw SessionError(
                    .noClient, "\(machine.model.id) was reached by its id: nobody can be signed in to it")
            }
            if machine.exchange.isFinished { throw SessionError(responseSentFor: "a sign-in") }
            if let fault = machine.changes.fault {
                machine.changes.fault = nil
                throw fault
            }
            try machine.checkSize(with: [], manager.rules.size)
        }
        // A session that the client lost by no choice of the app's is begun anew.
        if session.withMachine({ $0.canBeginAnew }) { return }
        try session.requireAttached()
    }

    /// Tries to sign in once.
    ///
    /// - Returns: Whether the user is signed in; otherwise the session was lost meanwhile, and a new one is to begin.
    private mutating func attempt() async throws(SessionError) -> Bool {
        let newID = try manager.newID(for: session.details)
        let (before, id) = session.withMachine { machine in
            let before = machine
            let former = start.record?.owner?.user
            if machine.canBeginAnew {
                machine.beginAnew(now: manager.now(), id: newID)
                if former == nil || former == userID { machine.changes = start.changes.ofNewSession }
            } else if let user = machine.record?.owner?.user, user != userID {
                machine.beginAnew(now: manager.now(), id: newID)
            }
            return (before, machine.model.id)
        }
        do throws(SessionError) {
            guard let place = try await reserve(id) else {
                session.withMachine { $0.end() }
                return false
            }
            return try await write(to: id, in: place, before)
        } catch {
            // The former user's session is as it was.
            session.withMachine { machine in
                if before.model.id != machine.model.id { machine.resume(before) }
            }
            throw error
        }
    }

    /// Takes a place; `nil` where the session was revoked before.
    private mutating func reserve(
        _ id: ModelID
    ) async throws(SessionError) -> UserSessions.Place? {
        guard let place = try await users.reserve(id, for: owner) else { return nil }
        guard place.epoch <= since ?? place.epoch else {
            await users.release(place, for: unowned(id), of: owner)
            throw SessionError(.gone, "a revocation overtook the sign-in to \(id)")
        }
        since = since ?? place.epoch
        return place
    }

    /// The id, unless the session was the user's before.
    private func unowned(_ id: ModelID) -> ModelID? {
        session.withMachine { $0.record?.owner?.user == userID ? nil : id }
    }

    private func write(
        to id: ModelID, in place: UserSessions.Place, _ before: SessionMachine
    ) async throws(SessionError) -> Bool {
        let released = unowned(id)
        do {
            let (rotation, now) = session.withMachine { ($0.rotation(grace: .zero), $0.storeTime) }
            let record = try record(epoch: place.epoch, at: now)
            try await Saver(session).run(
                SaveCall(.save, rotation: rotation, operations: [.init(ReservedField.owner, .set(record))]))
        } catch  where error.code == .gone {
            try await giveUp(place, for: id)
            return false
        } catch {
            await users.release(place, for: released, of: owner)
            throw error
        }
        // Nobody has the new token before this returns, so that what fails from here on leaves nobody signed in.
        do throws(SessionError) {
            try await users.remove(place.condemned, of: owner)
            try await removeFormer(before)
            guard try await users.take(place, for: session.withMachine { $0.model }, of: owner) else {
                throw SessionError(.gone, "a revocation overtook the sign-in to \(id)")
            }
        } catch {
            let id = session.withMachine { machine in
                defer { machine.end() }
                return machine.model.id
            }
            _ = try? await users.remove([id], of: owner)
            throw error
        }
        session.withMachine { machine in machine.withRecord { $0.mayRenew = true } }
        return true
    }

    /// Gives up a place for a session that has ended, or whose token was replaced.
    ///
    /// - Throws: ``SessionError/Code/gone`` where a revocation has taken the place away.
    private func giveUp(
        _ place: UserSessions.Place, for id: ModelID
    ) async throws(SessionError) {
        // The same form sent twice signs in to one session: it is the user's by the other request then.
        let model = try await manager.fetchReadable(id)
        let isOther = model.map { users.isOwned($0, by: owner) } ?? false
        let isHeld =
            isOther
            ? true : try await users.take(place, for: model ?? .unstored(id, now: manager.now()), of: owner)
        await users.release(place, for: isOther ? nil : id, of: owner)
        guard isHeld else { throw SessionError(.gone, "a revocation overtook the sign-in to \(id)") }
    }

    /// Ends the session of the user who was signed in before, unless its token was replaced meanwhile.
    private func removeFormer(_ before: SessionMachine) async throws(SessionError) {
        guard let record = before.record, record.model.id != session.withMachine({ $0.model.id }) else { return }
        let expected = Change.Expectation.fields([
            Change.FieldRevision(name: ReservedField.token, revision: record.tokenRevision)
        ])
        switch try await Saver(session).remove(record.model.id, expected) {
        case .removed: session.withMachine { $0.noteEnd(of: record.model.id) }
        case .gone: break
        default: return
        }
        if let owner = try? record.owner?.owner { await users.withdraw([record.model.id], of: owner) }
    }

    private func record(epoch: OwnerEpoch, at now: Timestamp?) throws(SessionError) -> EncodedJSON {
        do {
            let record = OwnerRecord(user: userID, epoch: epoch, at: now?.milliseconds, device: device)
            return try EncodedJSON(encoding: record)
        } catch {
            throw SessionError(.invalidField, error.message, underlying: error)
        }
    }
}
