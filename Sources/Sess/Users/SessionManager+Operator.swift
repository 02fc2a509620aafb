package import Modeler

extension SessionManager {
    /// Ends a session by its id, whoever's it is: for an operator.
    ///
    /// - Returns: Whether there was one, and how far its end is known to last.
    package func end(_ id: ModelID) async throws(SessionError) -> (wasThere: Bool, confirmation: WriteConfirmation) {
        var owner: OwnerID?
        do {
            owner = try await store.fetch(id).flatMap { Self.user(of: $0) }.flatMap { try? OwnerID($0.id) }
        } catch  where error.code == .unreadable || error.code == .unreadableHere {
            // It is ended all the same. Its place among its user's sessions goes when that is next looked at.
        }
        let removed =
            if let owner { try await users.remove([id], of: owner) } else { try await users.removeRecords([id]) }
        return (removed.count > 0, removed.confirmation)
    }

    /// Who is signed in to a stored session, since when and on which device.
    package static func user(of model: Model) -> (id: String, signedIn: Timestamp, device: SessionDevice?)? {
        guard let record = try? OwnerRecord.read(model) else { return nil }
        return (record.user, record.at.map { Timestamp(milliseconds: $0) } ?? model.created, record.device)
    }
}
