import HiredisClient
import Modeler

/// Writes of a collection that keeps an index.
extension RedisCollection {
    /// Inserts a record between taking its place in the index and, where it had one before, moving there.
    func insertListed(
        _ model: NewModel,
        expiry: Expiry,
        in index: ListingIndex
    ) async throws(ModelError) -> InsertOutcome {
        let start = ContinuousClock.now
        let place = try await index.stage(model.id, expiry)
        let insertion = try await insertRecord(model, expiry: expiry)
        // A place that was held for too short a time may have been taken out before the record was there.
        if place.isAnew || ContinuousClock.now - start > index.hold / 2 {
            // Where it fails the staged entry stays and is settled by whoever meets it.
            try? await index.settle(model.id, at: place.score, moves: place.isAnew && insertion.isNew, expiry)
        }
        if insertion.isNew { await sweepInPassing(index) }
        return insertion.outcome
    }

    /// Removes a record and then its entry, as far as that has not moved since before.
    func removeListed(
        _ id: ModelID,
        expecting: Change.Expectation,
        in index: ListingIndex
    ) async throws(ModelError) -> RemoveOutcome {
        // A model goes away whatever becomes of its entry, which nobody lists any more.
        let score = try? await index.score(of: id)
        let (outcome, mayHaveBeen) = try await removeRecord(id, expecting: expecting)
        if mayHaveBeen, let score { _ = try? await index.drop([(id.rawValue, score)]) }
        return outcome
    }

    /// The insertions for each look in passing.
    private static let insertionsPerLook = 64
    /// The entries of one look. More than the insertions between two, so that entries of models that have expired never
    /// are many more than those of models that are there.
    private static let entriesPerLook = 128

    /// Looks at the next few entries once in a while, so that those of expired models leave the index though nobody
    /// lists it.
    private func sweepInPassing(_ index: ListingIndex) async {
        let turn: (isMine: Bool, place: Int?) = passing.withLock { passing in
            passing.insertions += 1
            guard passing.insertions >= Self.insertionsPerLook, !passing.isLooking else { return (false, nil) }
            passing.insertions = 0
            passing.isLooking = true
            return (true, passing.place)
        }
        guard turn.isMine else { return }
        let found = try? await sweep(after: turn.place, limit: Self.entriesPerLook, in: index)
        passing.withLock { passing in
            passing.isLooking = false
            passing.place = found?.look.last
        }
    }
}

/// How far the looks in passing have come.
struct ListingPassing: Sendable {
    var insertions = 0
    var isLooking = false
    var place: Int?
}
