import Modeler

@testable import Sess

extension MachineRequest {
    /// Asks the store as ``Saver`` does, and has the machine take the answer, unless that is lost.
    mutating func ask(
        _ request: StoreRequest, _ call: inout SaveCall, _ store: inout PureStore, _ manager: SessionManager,
        _ loss: Loss
    ) throws(SessionError) {
        let lost = SessionError(store: ModelError(.outcomeUnknown, "the answer is lost"))
        if loss == .beforeApplied {
            session.fail(lost, call)
            throw lost
        }
        let answer: StoreAnswer
        do {
            answer = try store.answer(request)
        } catch {
            let error = SessionError(store: error)
            session.fail(error, call)
            throw error
        }
        noteTokens(of: call, applied: store.lastWrite != nil)
        noteWrite(store)
        if loss == .afterApplied {
            session.fail(lost, call)
            throw lost
        }
        switch try session.take(answer, &call, now: store.now) {
        case .proceed: break
        case .rename: session.rename(to: SessionToken.randomID())
        case .resolve(let conflict): try resolve(conflict, &call, manager)
        }
        events += call.events
        call.events = []
    }

    private mutating func resolve(
        _ conflict: Conflict, _ call: inout SaveCall, _ manager: SessionManager
    ) throws(SessionError) {
        var resolution = Resolution()
        var undecided: Conflict? = conflict
        while let conflict = undecided {
            try ConflictResolver.resolve(conflict, manager.policies, into: &resolution)
            undecided = try session.adopt(resolution, of: conflict, &call)
        }
    }

    /// Notes the token that a write has given the record.
    private mutating func noteTokens(of call: SaveCall, applied: Bool) {
        guard applied, let planned = call.planned else { return }
        if case .insert(_, _, let token) = planned.write { made.append(token) }
        if let rotation = planned.rotation { made.append(rotation.token) }
        stored.formUnion(planned.pending.entries.map(\.name))
    }

    /// Checks the last question: no write is for a token that isn't accepted, and nothing that is gone comes back.
    mutating func noteWrite(_ store: PureStore) {
        guard let write = store.lastWrite else { return }
        if write.before == nil, store.removed.contains(write.id) { faults.append("a removed session is back") }
        if let before = write.before, case .held = session.client {
            let isAccepted = (tokens + made).contains {
                let status = ClientToken.held(ClientToken.Held(token: $0)).status(in: before, session.namespace)
                return status == .current || status == .graced
            }
            if !isAccepted { faults.append("a write for a token that was replaced") }
        }
        if let model = store.model(write.id) { confirmed.append(model) } else { removed.insert(write.id) }
    }
}
