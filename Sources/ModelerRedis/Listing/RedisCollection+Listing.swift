import HiredisClient
public import Modeler
import RESP

extension RedisCollection: ListingCollection {
    /// The most ids of one page, however many are asked for.
    static let longestPage = 1000

    /// The ids after a place in the insertion order, of models whose records are there. Entries whose models are gone
    /// leave the index as they are met.
    ///
    /// Models that are inserted at once by several callers are in the order in which they entered the index.
    ///
    /// - Throws: ``ModelError/Code/misconfigured`` where the collection was made without `listing`, else as any read.
    public func page(after cursor: PageCursor?, limit: Int, order: PageOrder) async throws(ModelError) -> Page {
        guard limit >= 1 else { throw ModelError(.invalidChange, "a page has room for at least 1 id") }
        let index = try requireIndex()
        let after = cursor.flatMap { Int($0.rawValue) }
        guard cursor == nil || after != nil else {
            throw ModelError(.invalidChange, "the cursor is none of this collection's")
        }
        let look = try await index.look(after: after, limit: min(limit, Self.longestPage), order: order)
        let isThere = try await areThere(look.entries.map(\.id))
        // What can't be repaired now is met again.
        _ = try? await repair(look, isThere, in: index)
        let ids = zip(look.entries, isThere).filter { $0.1 && !$0.0.isStaged }.map(\.0.id)
        return Page(ids: ids, next: look.last.map { PageCursor(rawValue: String($0)) })
    }

    func requireIndex() throws(ModelError) -> ListingIndex {
        guard let index else {
            throw ModelError(
                .misconfigured, "\(name) keeps no index to list by; make the collection with listing: true")
        }
        return index
    }

    /// Whether there is a record for each id.
    func areThere(_ ids: [ModelID]) async throws(ModelError) -> [Bool] {
        var isThere: [Bool] = []
        isThere.reserveCapacity(ids.count)
        for start in stride(from: 0, to: ids.count, by: Self.recordsPerRequest) {
            let part = ids[start..<min(start + Self.recordsPerRequest, ids.count)]
            isThere += try await heads(part, [RecordLayout.idField]).map { $0 != nil }
        }
        return isThere
    }

    /// The records asked for in one request.
    static let recordsPerRequest = 256

    /// Reads a few fields of records, of which `@id` is the first; `nil` for each id that has no record.
    ///
    /// A word of this request alone goes last. Where it comes back in its place, so do the records of these ids, and
    /// one that names another id is wrong in itself: it is none, as is a key of another type.
    func heads(
        _ ids: some RandomAccessCollection<ModelID>, _ fields: [String]
    ) async throws(ModelError) -> [RESPReply?] {
        let word = OperationID().text
        let echo = RESPRequest.build { encoder in
            encoder.command("ECHO", argumentCount: 2)
            encoder.argument(word)
        }
        let answers: [KeyedReply]
        do {
            answers = try await client.sendForEach(
                ids, capacity: keys.recordPrefix.utf8.count + 64, closing: echo, lane: .bulk
            ) { encoder, id in
                encoder.command("HMGET", argumentCount: 2 + fields.count)
                encoder.key(keys.recordPrefix.utf8, id.rawValue.utf8)
                for field in fields { encoder.argument(field) }
            }
        } catch {
            throw ModelError(reading: error)
        }
        var heads: [RESPReply?] = []
        heads.reserveCapacity(ids.count)
        for (id, answer) in zip(ids, answers) {
            if answer.closing.kind == .error { throw ModelError(redis: RedisError(reply: answer.closing)) }
            guard answer.closing.bytes?.elementsEqual(word) == true else { throw foreignReply(answer.replies) }
            heads.append(try head(answer.reply, of: answer.replies, id))
        }
        return heads
    }

    /// The fields of a record, of which `@id` is the first; `nil` where there is no record.
    private func head(_ reply: RESPReply, of replies: RESPReplies, _ id: ModelID) throws(ModelError) -> RESPReply? {
        if reply.kind == .error {
            let error = RedisError(reply: reply)
            if error.code == .server(.wrongType) { return nil }
            throw ModelError(reading: error)
        }
        guard reply.kind == .array, reply.count >= 1 else { throw foreignReply(replies) }
        return reply[0].bytes?.elementsEqual(id.rawValue.utf8) == true ? reply : nil
    }

    /// Takes out of the index what has had no record for longer than an insertion takes, and ends moves that were left
    /// halfway. Returns how many members are gone.
    @discardableResult
    func repair(_ look: ListingLook, _ isThere: [Bool], in index: ListingIndex) async throws(ModelError) -> Int {
        let oldest = look.now - Int(index.hold.wholeMilliseconds) * 1000
        var gone: [(member: String, score: Int)] = []
        for (entry, isThere) in zip(look.entries, isThere) where entry.score < oldest {
            if !isThere {
                gone.append((entry.member, entry.score))
            } else if entry.isStaged {
                // The index's life was set when the entry was staged.
                try await index.settle(entry.id, at: entry.score, moves: false, Expiry(absolute: .zero))
            }
        }
        return try await index.drop(gone)
    }

    /// Looks at one part of the index and repairs it. Returns what it looked at and how many members are gone.
    func sweep(
        after place: Int?,
        limit: Int,
        in index: ListingIndex
    ) async throws(ModelError) -> (look: ListingLook, removed: Int) {
        let look = try await index.look(after: place, limit: limit, order: .oldestFirst)
        let removed = try await repair(look, try await areThere(look.entries.map(\.id)), in: index)
        return (look, removed)
    }
}
