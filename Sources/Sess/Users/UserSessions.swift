import Metrics
import Modeler

/// What a manager does with the sessions of users: it keeps their index, whose entries only help, and checks sessions
/// against their user's epoch.
struct UserSessions: Sendable {
    let manager: SessionManager
    var store: SessionStore { manager.store }
    var options: SessionOptions { manager.options }

    /// A user as stores take them.
    ///
    /// - Throws: ``SessionError``: `invalidUser`; `invalidConfiguration` where the store keeps no owners.
    func owner(_ userID: String) throws(SessionError) -> OwnerID {
        try store.requireOwners()
        do {
            return try OwnerID(userID)
        } catch {
            throw SessionError(.invalidUser, error.message, underlying: error)
        }
    }

    /// What the index knows of a user.
    func known(of owner: OwnerID) async throws(SessionError) -> Ownership {
        try await store.askOwners { (owners) throws(ModelError) in try await owners.ownership(of: owner) }
    }

    /// Whether a model's record names a user.
    func isOwned(_ model: Model, by owner: OwnerID) -> Bool {
        guard let record = try? OwnerRecord.read(model), let found = try? record.owner else { return false }
        return found == owner
    }

    /// The time until which the index keeps a session: no earlier than its deadline, renewals until the next check
    /// included.
    static func indexDeadline(_ model: Model) -> Timestamp? {
        guard let lifetime = model.lifetime else { return nil }
        if let absolute = lifetime.expiry.absolute { return model.created + absolute }
        return lifetime.expiry.idle.map { lifetime.now + $0 + .seconds(60) }
    }

    // MARK: The live sessions of a user

    /// The sessions that the index names and whose records agree. The other entries leave the index, and what was
    /// condemned is removed.
    ///
    /// - Parameter spared: Condemned sessions that the caller removes itself.
    func live(
        _ known: Ownership, of owner: OwnerID, sparing spared: [ModelID] = []
    ) async throws(SessionError) -> [UserSession] {
        try await remove(known.condemned.filter { !spared.contains($0) }, of: owner)
        var live: [UserSession] = []
        var stale: [ModelID] = []
        for (id, lookup) in zip(known.owned, try await models(known.owned)) {
            // Others can read it: it stays in the index, and isn't shown here.
            if case .unreadableHere = lookup { continue }
            guard let model = lookup.model, let record = try? OwnerRecord.read(model), isOwned(model, by: owner) else {
                stale.append(id)
                continue
            }
            // Its record outlived a revocation that moved the epoch.
            guard record.epoch >= known.epoch else {
                try await remove([id], of: owner)
                continue
            }
            live.append(UserSession(model, record))
        }
        if !stale.isEmpty { await withdraw(stale, of: owner) }
        return live
    }

    /// The models of ids; one that nobody can read counts as gone.
    func models(_ ids: [ModelID]) async throws(SessionError) -> [ModelLookup] {
        do {
            return try await store.fetch(ids).map { $0.map(ModelLookup.found) ?? .gone }
        } catch  where error.code == .unreadable || error.code == .unreadableHere {
            var lookups: [ModelLookup] = []
            for id in ids {
                do {
                    lookups.append(try await store.fetch(id).map(ModelLookup.found) ?? .gone)
                } catch  where error.code == .unreadable || error.code == .unreadableHere {
                    manager.report(.unreadableSession(session: id))
                    lookups.append(error.code == .unreadable ? .gone : .unreadableHere)
                }
            }
            return lookups
        }
    }

    // MARK: Removals

    /// Removes records, and then their entries. Where an entry can't be removed now, it goes later.
    ///
    @discardableResult
    func remove(_ ids: [ModelID], of owner: OwnerID) async throws(SessionError) -> RemovalSum {
        guard !ids.isEmpty else { return RemovalSum() }
        let removed = try await removeRecords(ids)
        await withdraw(ids, of: owner)
        return removed
    }

    /// Takes sessions out of a user's index. Where that fails, the entries go later.
    func withdraw(_ ids: [ModelID], of owner: OwnerID) async {
        try? await store.askOwners { (owners) throws(ModelError) in try await owners.withdraw(ids, from: owner) }
    }

    /// The records removed at once.
    private static let removalWidth = 64

    /// Removes records, whoever's they are.
    ///
    func removeRecords(_ ids: [ModelID]) async throws(SessionError) -> RemovalSum {
        var sum = RemovalSum()
        for start in stride(from: 0, to: ids.count, by: Self.removalWidth) {
            try await removeAtOnce(ids[start..<min(start + Self.removalWidth, ids.count)], &sum)
        }
        return sum
    }

    private func removeAtOnce(_ ids: ArraySlice<ModelID>, _ sum: inout RemovalSum) async throws(SessionError) {
        let endStreams = manager.endStreams
        for id in ids { endStreams.announce(id, .revoked) }
        let results = await withTaskGroup(of: Removal.self) { group in
            for id in ids { group.addTask { [store] in await Self.removal(of: id, in: store) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var removed = 0
        do throws(SessionError) {
            for result in results {
                if let error = result.error { throw error }
                guard case .removed(let confirmation) = result.outcome else { continue }
                manager.notify(.ended(session: result.id, .revoked))
                removed += 1
                sum.confirmation = sum.confirmation.and(confirmation)
                manager.metrics.count(confirmation)
            }
        } catch {
            for id in ids { endStreams.announce(id, nil) }
            throw error
        }
        manager.metrics.destroyed.increment(by: removed)
        for id in ids { endStreams.end(id, .revoked) }
        sum.count += removed
    }

    /// What became of one of several removals: a value of its own, as a tuple of an id and a `Result` with a typed
    /// error crashes in a task group that Swift 6.3.1 has optimized.
    private struct Removal: Sendable {
        var id: ModelID
        var outcome: RemoveOutcome?
        var error: SessionError?
    }

    private static func removal(of id: ModelID, in store: SessionStore) async -> Removal {
        do throws(SessionError) {
            return Removal(id: id, outcome: try await store.remove(id, expecting: .nothing))
        } catch {
            return Removal(id: id, error: error)
        }
    }
}

/// The result of a look at one of several ids.
enum ModelLookup {
    case found(Model)
    case gone
    /// Only other servers can read it, as while a key is added.
    case unreadableHere

    var model: Model? {
        if case .found(let model) = self { model } else { nil }
    }
}

/// What several removals came to.
struct RemovalSum {
    /// How many records there were.
    var count = 0
    /// How far all of them are known to last.
    var confirmation = WriteConfirmation.confirmed
}
