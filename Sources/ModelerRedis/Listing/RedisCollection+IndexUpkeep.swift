import HiredisClient
public import Modeler
import RESP

extension RedisCollection {
    /// Takes the entries of expired and vanished models out of the index.
    ///
    /// Lists do so as they meet them, and insertions for a few; this does it for all at once. It reads the index page
    /// by page, holds no more than one, and may run beside anything else.
    ///
    /// - Parameter progress: Called after each page, with the sums so far.
    /// - Returns: The sums.
    /// - Throws: ``ModelError/Code/misconfigured`` where the collection was made without `listing`; what the store
    ///   throws. What was done until then stays done.
    @discardableResult
    public func sweepIndex(
        progress: (IndexUpkeep) async -> Void = { _ in }
    ) async throws(ModelError) -> IndexUpkeep {
        try await sweepIndex(from: IndexUpkeep(), progress)
    }

    /// Enters every model into the index that has no entry, at the time of its creation, and takes those out that are
    /// gone: for a collection that was kept without `listing`, and for an index that was lost.
    ///
    /// It goes through the keys of the whole database with SCAN, a few at a time, and may run beside anything else.
    /// Models that have an entry keep their place.
    ///
    /// - Parameter progress: Called after each few keys, with the sums so far.
    /// - Returns: The sums.
    /// - Throws: ``ModelError/Code/misconfigured`` where the collection was made without `listing`; what the store
    ///   throws. What was done until then stays done.
    @discardableResult
    public func rebuildIndex(
        progress: (IndexUpkeep) async -> Void = { _ in }
    ) async throws(ModelError) -> IndexUpkeep {
        let index = try requireIndex()
        var sums = IndexUpkeep()
        var position = client.scanPosition(nil)
        while let place = position {
            let found = try await scanKeys(place, count: 1000)
            position = found.next
            let ids = found.keys.compactMap(keys.id(ofRecord:))
            for start in stride(from: 0, to: ids.count, by: Self.recordsPerRequest) {
                let part = ids[start..<min(start + Self.recordsPerRequest, ids.count)]
                sums.examined += part.count
                sums.added += try await restore(part, in: index)
            }
            await progress(sums)
        }
        return try await sweepIndex(from: sums, progress)
    }

    private func sweepIndex(
        from start: IndexUpkeep,
        _ progress: (IndexUpkeep) async -> Void
    ) async throws(ModelError) -> IndexUpkeep {
        let index = try requireIndex()
        var sums = start
        var place: Int?
        repeat {
            let (look, removed) = try await sweep(after: place, limit: Self.longestPage, in: index)
            sums.examined += look.entries.count
            sums.removed += removed
            place = look.last
            await progress(sums)
        } while place != nil
        return sums
    }

    /// Enters those of some ids that have a record and no entry. Returns how many.
    private func restore(_ ids: ArraySlice<ModelID>, in index: ListingIndex) async throws(ModelError) -> Int {
        let heads = try await heads(ids, [RecordLayout.idField, RecordLayout.metadataField])
        var models: [(id: ModelID, created: Timestamp)] = []
        var longest: Duration? = .zero
        for (id, fields) in zip(ids, heads) {
            guard let fields,
                let head = fields[1].bytes.flatMap({ try? RecordHead(metadata: $0) })
            else { continue }
            models.append((id, head.created))
            longest = longest.flatMap { longest in head.expiry.absolute.map { max(longest, $0) } }
        }
        return try await index.restore(models, life: ListingLife.text(Expiry(absolute: longest)))
    }
}
