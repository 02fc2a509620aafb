import Modeler

extension SessionManager {
    /// How long a place among a user's sessions is held for a sign-in.
    static let hold: Duration = .seconds(60)

    /// Takes a place for a session that is about to be a user's, and ends the sessions that make room for it.
    ///
    /// - Returns: The user's epoch; `nil` where the session itself was revoked.
    func reserve(
        _ id: ModelID, for owner: OwnerID, in store: any OwnershipCollection
    ) async throws(SessionError) -> OwnerEpoch? {
        var victims: [ModelID] = []
        for attempt in 0..<Session.maximumAttempts {
            if attempt > 1 { await Session.pause(attempt) }
            let outcome = try await askStore { [victims, options] () throws(ModelError) in
                try await store.reserve(
                    id, for: owner, limit: options.maximumSessionsPerUser, condemning: victims, hold: Self.hold
                )
            }
            switch outcome {
            case .condemned:
                return nil
            case .reserved(let known):
                // They must be gone before this session becomes the user's, whoever condemned them.
                try await remove(known.condemned, of: owner, in: store)
                return known.epoch
            case .full(let known):
                victims = try await makeRoom(known, attempt: attempt, for: owner, in: store)
            }
        }
        throw tooMany
    }

    /// The sessions to be condemned; none where an entry of the index stood for nothing.
    private func makeRoom(
        _ known: Ownership, attempt: Int, for owner: OwnerID, in store: any OwnershipCollection
    ) async throws(SessionError) -> [ModelID] {
        let limit = options.maximumSessionsPerUser ?? .max
        let live = try await live(known, of: owner, in: store).sorted { $0.signedIn < $1.signedIn }
        let excess = live.count + known.reserved.count - limit + 1
        guard excess > 0 else { return [] }
        guard options.whenTooManySessions == .evictOldest else { throw tooMany }
        var victims = live.map(\.id)
        // Sign-ins under way come last, and only where waiting for them has not helped.
        if attempt >= 4 { victims += known.reserved }
        return Array(victims.prefix(excess))
    }

    private var tooMany: SessionError {
        SessionError(.tooManySessions, "the user has \(options.maximumSessionsPerUser ?? 0) sessions already")
    }
}
