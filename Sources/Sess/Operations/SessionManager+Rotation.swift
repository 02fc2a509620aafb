import Metrics
import Modeler

extension SessionManager {
    /// The rotation that a request has to bring with it; `nil` where none is due.
    func dueRotation(of machine: SessionMachine) -> TokenRotation? {
        guard let interval = options.tokens.rotationInterval, machine.isRotationDue(every: interval) else { return nil }
        return machine.rotation(grace: options.tokens.rotationGrace)
    }

    /// Reports that somebody came with a token that was replaced, and ends the session where that is the policy.
    ///
    /// Requests that were on their way when the token was replaced are no reuse: they have the grace to arrive, also
    /// after a rotation that accepts the old token no more.
    ///
    /// - Returns: Whether it is a reuse.
    func noteReuse(of previous: TokenRecord.Previous, in model: Model) async throws(SessionError) -> Bool {
        let now = model.lifetime?.now ?? model.updated
        guard now >= max(previous.until, previous.replaced + options.tokens.rotationGrace) else { return false }
        report(.tokenReused(session: model.id))
        guard options.tokens.whenReused == .endSession else { return true }
        do {
            _ = try await users.removeRecords([model.id])
        } catch  where error.code == .storeUnavailable && options.store.whenDown == .readOnly {
            return true
        }
        if store.owners != nil, let owner = try? OwnerRecord.read(model)?.owner {
            await users.withdraw([model.id], of: owner)
        }
        return true
    }
}
