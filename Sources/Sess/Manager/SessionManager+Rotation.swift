import Metrics
import Modeler

extension SessionManager {
    /// The rotation that a request has to bring with it; `nil` where none is due.
    func dueRotation(of state: SessionState) -> TokenRotation? {
        guard let interval = options.rotationInterval, state.isRotationDue(every: interval) else { return nil }
        return state.rotation(grace: options.rotationGrace)
    }

    /// Replaces the token of a request that only read. A store that can't serve by now puts it off, and is no reason to
    /// fail the request.
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
    func noteReuse(of previous: TokenRecord.Previous, in model: Model) async throws(SessionError) {
        let now = model.lifetime?.now ?? model.updated
        guard now >= max(previous.until, previous.replaced + options.rotationGrace) else { return }
        report(.tokenReused(session: model.id))
        guard options.whenTokenReused == .endSession else { return }
        do {
            _ = try await remove(model.id)
        } catch  where error.code == .storeUnavailable && options.storeDown == .readOnly {
            return
        }
        metrics.destroyed.increment()
        watchers.end(model.id, .revoked)
        if let store = owners, let owner = try? OwnerRecord.read(model)?.owner {
            // The entry only helps: where it can't be removed now, it goes later.
            try? await store.withdraw([model.id], from: owner)
        }
    }
}
