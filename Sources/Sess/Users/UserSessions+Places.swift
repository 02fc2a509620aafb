import Modeler

/// The places among a user's sessions, of which there may be a maximum.
extension UserSessions {
    /// A place that is held for a sign-in.
    struct Place: Sendable {
        /// The user's epoch when it was taken.
        var epoch: OwnerEpoch
        /// The sessions that must be removed before the one that it is for becomes the user's.
        var condemned: [ModelID]
        /// Those of them that this sign-in has condemned: they are let be where it fails.
        var victims: [UserSession]
    }

    /// How long a place is held.
    static let hold: Duration = .seconds(60)

    /// The tries after which sign-ins under way have to make room, too.
    private static let patience = 4

    /// Takes a place for a session that is about to be a user's. Nothing is removed yet.
    ///
    /// - Returns: The place; `nil` where the session itself was revoked.
    /// - Throws: ``SessionError/Code/tooManySessions``.
    func reserve(_ id: ModelID, for owner: OwnerID) async throws(SessionError) -> Place? {
        var victims: [UserSession] = []
        var condemning: [ModelID] = []
        var backoff = Backoff()
        while await backoff.next() {
            let outcome = try await store.askOwners { [options, condemning] (owners) throws(ModelError) in
                try await owners.reserve(
                    id, for: owner, limit: options.users.maximumSessions, condemning: condemning, hold: Self.hold)
            }
            switch outcome {
            case .condemned: return nil
            case .reserved(let known):
                return Place(epoch: known.epoch, condemned: known.condemned, victims: victims)
            case .full(let known):
                let (sessions, signIns) = try await makeRoom(
                    known, attempt: backoff.attempt, for: owner, sparing: victims.map(\.id))
                victims += sessions
                condemning = sessions.map(\.id) + signIns
            }
        }
        throw tooMany
    }

    /// Turns a place into ownership.
    ///
    /// - Returns: Whether it held. Otherwise the user was revoked meanwhile, or the place was taken away.
    func take(_ place: Place, for model: Model, of owner: OwnerID) async throws(SessionError) -> Bool {
        let expires = Self.indexDeadline(model)
        return try await store.askOwners { (owners) throws(ModelError) in
            try await owners.confirm(model.id, of: owner, epoch: place.epoch, expires: expires)
        }
    }

    /// Gives a place back, and lets those be that were to make room for it.
    ///
    /// - Parameter id: The session that it was for; `nil` where that was the user's before.
    func release(_ place: Place, for id: ModelID?, of owner: OwnerID) async {
        await withdraw([id].compactMap(\.self) + place.victims.map(\.id), of: owner)
        for victim in place.victims {
            guard let model = try? await store.fetch(victim.id) else { continue }
            _ = try? await confirm(model, reportsLoss: false)
        }
    }

    /// The sessions and sign-ins to be condemned; none where an entry of the index stood for nothing.
    private func makeRoom(
        _ known: Ownership, attempt: Int, for owner: OwnerID, sparing spared: [ModelID]
    ) async throws(SessionError) -> ([UserSession], [ModelID]) {
        let limit = options.users.maximumSessions ?? .max
        let live = try await live(known, of: owner, sparing: spared).sorted { $0.signedIn < $1.signedIn }
        let excess = live.count + known.reserved.count - limit + 1
        guard excess > 0 else { return ([], []) }
        guard options.users.whenTooManySessions == .evictOldest else { throw tooMany }
        let victims = Array(live.prefix(excess))
        // Sign-ins under way come last, and only where waiting for them has not helped.
        let others = attempt > Self.patience ? known.reserved.prefix(excess - victims.count) : []
        return (victims, Array(others))
    }

    private var tooMany: SessionError {
        SessionError(.tooManySessions, "the user has \(options.users.maximumSessions ?? 0) sessions already")
    }
}
