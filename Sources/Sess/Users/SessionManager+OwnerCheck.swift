import Metrics
import Modeler

extension SessionManager {
    /// What a session's check against its user's epoch gave.
    enum OwnerCheck: Sendable {
        /// Nobody is signed in, or the session was checked now: its deadline may be moved.
        case passed
        /// It was checked not long ago: its deadline stays.
        case notDue
        /// It was revoked.
        case revoked
    }

    /// Checks a session that a request brought, where that is due.
    func checkOwner(_ model: Model) async throws(SessionError) -> OwnerCheck {
        guard model.fields[OwnerRecord.fieldName] != nil else { return .passed }
        let isDue = options.ownerCheck == .everyRequest || !isRenewable(model) || isRenewalDue(model)
        guard isDue else { return .notDue }
        do {
            return try await confirmOwner(model) ? .passed : .revoked
        } catch  where error.code == .storeUnavailable && options.storeDown == .readOnly {
            return try await readOwner(model) ? .notDue : .revoked
        }
    }

    /// Whether a session still is its user's, where the store takes no writes.
    private func readOwner(_ model: Model) async throws(SessionError) -> Bool {
        guard let store = owners, let record = try? OwnerRecord.read(model), let owner = try? record.owner else {
            return true
        }
        let known = try await askStore { () throws(ModelError) in try await store.ownership(of: owner) }
        return known.epoch <= record.epoch && !known.condemned.contains(model.id)
    }

    /// Whether use can move a session's deadline. It can't without an idle limit, nor towards the absolute one's end.
    private func isRenewable(_ model: Model) -> Bool {
        guard let lifetime = model.lifetime, let expires = lifetime.expires, lifetime.expiry.idle != nil else {
            return false
        }
        return lifetime.expiry.absolute.map { expires < model.created + $0 } ?? true
    }

    /// Whether a session still is its user's, by the user's epoch. A revoked one is removed.
    func confirmOwner(_ model: Model) async throws(SessionError) -> Bool {
        guard let store = owners else { return true }
        let record: OwnerRecord
        let owner: OwnerID
        do {
            guard let found = try OwnerRecord.read(model) else { return true }
            record = found
            owner = try found.owner
        } catch {
            report(.unreadableSession(session: model.id))
            return false
        }
        let isOwned = try await askStore { () throws(ModelError) in
            try await store.renew(
                model.id, of: owner, epoch: record.epoch, expires: Self.indexDeadline(model.lifetime, model.created)
            )
        }
        if !isOwned { try await remove([model.id], of: owner, in: store) }
        return isOwned
    }

    /// Until when the index keeps a session: no earlier than its deadline, renewals until the next check included.
    static func indexDeadline(_ lifetime: Lifetime?, _ created: Timestamp) -> Timestamp? {
        guard let lifetime else { return nil }
        if let absolute = lifetime.expiry.absolute { return created + absolute }
        return lifetime.expiry.idle.map { lifetime.now + $0 + .seconds(60) }
    }

    /// Removes records, and then their entries. The entries only help: where they can't be removed now, they go later.
    ///
    /// - Returns: How many there were.
    @discardableResult
    func remove(
        _ ids: [ModelID], of owner: OwnerID, in store: any OwnershipCollection
    ) async throws(SessionError) -> Int {
        guard !ids.isEmpty else { return 0 }
        let removed = try await removeRecords(ids)
        await withdraw(ids, of: owner, in: store)
        return removed
    }

    /// Takes sessions out of a user's index. The entries only help: where they can't be removed now, they go later.
    func withdraw(_ ids: [ModelID], of owner: OwnerID, in store: any OwnershipCollection) async {
        try? await askStore { () throws(ModelError) in try await store.withdraw(ids, from: owner) }
    }

    /// Records removed at once.
    private static let removalWidth = 64

    /// Removes records. Returns how many there were.
    func removeRecords(_ ids: [ModelID]) async throws(SessionError) -> Int {
        var removed = 0
        for start in stride(from: 0, to: ids.count, by: Self.removalWidth) {
            removed += try await removeAtOnce(ids[start..<min(start + Self.removalWidth, ids.count)])
        }
        return removed
    }

    private func removeAtOnce(_ ids: ArraySlice<ModelID>) async throws(SessionError) -> Int {
        for id in ids { watchers.expect(id, .revoked) }
        let removed: Int
        do {
            removed = try await askStore { [sessions] () throws(ModelError) in
                let results = await withTaskGroup(of: Result<Bool, ModelError>.self) { group in
                    for id in ids {
                        group.addTask {
                            do throws(ModelError) {
                                return .success(try await sessions.remove(id))
                            } catch {
                                return .failure(error)
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                var removed = 0
                for result in results where try result.get() { removed += 1 }
                return removed
            }
        } catch {
            for id in ids { watchers.expect(id, nil) }
            throw error
        }
        metrics.destroyed.increment(by: removed)
        for id in ids { watchers.end(id, .revoked) }
        return removed
    }
}
