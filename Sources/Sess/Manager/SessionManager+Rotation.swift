import Metrics
import Modeler

extension SessionManager {
    /// The rotation that a request has to bring with it; `nil` where none is due.
    func dueRotation(of state: SessionState) -> TokenRotation? {
        guard let interval = options.rotationInterval, state.isRotationDue(every: interval) else { return nil }
        return state.rotation(grace: options.rotationGrace)
    }

    /// Replaces the token of a request that only read. A store that can't serve by now puts it off, and is no reason to
    /// fail the request. Where the answer is lost, the client gets both tokens.
    func rotateIfPossible(_ session: Session, _ rotation: TokenRotation) async throws(SessionError) {
        do {
            try await session.commit(rotation: rotation)
        } catch  where error.code == .storeUnavailable {
            return
        }
    }

    /// Reports that somebody came with a token that was replaced, and ends the session where that is the policy.
    ///
    /// Requests that were on their way when the token was replaced are no reuse: they have the grace to arrive, also
    /// after a rotation that accepts the old token no more.
    ///
    /// - Returns: Whether it is a reuse.
    func noteReuse(of previous: TokenRecord.Previous, in model: Model) async throws(SessionError) -> Bool {
        let now = model.lifetime?.now ?? model.updated
        guard now >= max(previous.until, previous.replaced + options.rotationGrace) else { return false }
        report(.tokenReused(session: model.id))
        guard options.whenTokenReused == .endSession else { return true }
        do {
            try await end(model.id, .revoked)
        } catch  where error.code == .storeUnavailable && options.storeDown == .readOnly {
            return true
        }
        if let store = owners, let owner = try? OwnerRecord.read(model)?.owner {
            await withdraw([model.id], of: owner, in: store)
        }
        return true
    }
}
