import HiredisClient
public import Modeler
import RESP

extension RedisCollection {
    /// Takes the entries of expired and vanished models out of the index.
    ///
    /// Lists do so as they meet them, and insertions for a few; this does it for all at once. It reads the index page by
    /// page, holds no more than one, and may run beside anything else.
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
    /// Models that have an entry keep their place. In a Redis Cluster run it against each master.
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
        var cursor = "0"
        repeat {
            let found = try await scan(cursor)
            cursor = found.next
            for start in stride(from: 0, to: found.ids.count, by: Self.recordsPerRequest) {
                let part = found.ids[start..<min(start + Self.recordsPerRequest, found.ids.count)]
                sums.examined += part.count
                sums.added += try await restore(part, in: index)
            }
            await progress(sums)
        } while cursor != "0"
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
        let replies = try await heads(ids, [RecordLayout.idField, RecordLayout.metadataField])
        var models: [(id: ModelID, created: Timestamp)] = []
        var longest: Duration? = .zero
        for (position, id) in ids.enumerated() {
            guard let fields = try head(replies[position], of: replies, id),
                let metadata = fields[1].bytes.flatMap(RecordMetadata.init)
            else { continue }
            models.append((id, metadata.created))
            longest = longest.flatMap { longest in metadata.expiry.absolute.map { max(longest, $0) } }
        }
        return try await index.restore(models, life: ListingLife.text(Expiry(absolute: longest)))
    }

    /// One step through the keys: the ids of records, and where the next step begins, `0` at the end.
    private func scan(_ cursor: String) async throws(ModelError) -> (ids: [ModelID], next: String) {
        let request = RESPRequest.command("SCAN", cursor, "MATCH", keys.recordPattern, "COUNT", "1000")
        let replies: RESPReplies
        do {
            replies = try await client.send(request, retry: .always)
        } catch {
            throw ModelError(redis: error)
        }
        let reply = replies.reply
        guard reply.kind == .array, reply.count == 2, let next = reply[0].string, reply[1].kind == .array else {
            throw foreignReply(replies)
        }
        let ids = reply[1].elements.compactMap { $0.string.flatMap(keys.id(ofRecord:)) }
        return (ids, next)
    }
}
