/// A listing of a collection, a chunk at a time: what ``ListingCollection/chunks(of:offset:limit:reverse:load:)``
/// gives.
public struct ModelChunks<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = [Item]
    public typealias Failure = any Error

    let collection: any ListingCollection
    let range: ListRange
    /// What stands for ids; it may be fewer where models went away meanwhile.
    let items: @Sendable ([ModelID]) async throws -> [Item]

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(collection: collection, range: range, items: items)
    }

    /// Reads the chunks. It keeps a place in the listing, and no models.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private enum Place {
            case start
            case after(PageCursor)
            case end
        }

        private let collection: any ListingCollection
        private let range: ListRange
        private let items: @Sendable ([ModelID]) async throws -> [Item]
        private var place = Place.start
        private var toSkip: Int
        private var left: Int

        init(
            collection: any ListingCollection,
            range: ListRange,
            items: @escaping @Sendable ([ModelID]) async throws -> [Item]
        ) {
            self.collection = collection
            self.range = range
            self.items = items
            toSkip = range.offset
            left = range.limit ?? .max
        }

        /// The next chunk, or `nil` at the end.
        public mutating func next() async throws -> [Item]? {
            try range.validate()
            while toSkip > 0, let ids = try await page(Swift.min(toSkip, ListRange.skipPage)) { toSkip -= ids.count }
            let size = Swift.min(range.chunk, left)
            var chunk: [Item] = []
            while chunk.count < size, let ids = try await page(size - chunk.count) {
                if !ids.isEmpty { chunk += try await items(ids) }
            }
            left -= chunk.count
            return chunk.isEmpty ? nil : chunk
        }

        /// The next ids, which may be none; `nil` at the end.
        private mutating func page(_ limit: Int) async throws -> [ModelID]? {
            let cursor: PageCursor?
            switch place {
            case .start: cursor = nil
            case .after(let last): cursor = last
            case .end: return nil
            }
            let page = try await collection.page(
                after: cursor,
                limit: limit,
                order: range.reverse ? .newestFirst : .oldestFirst
            )
            place = page.next.map(Place.after) ?? .end
            return page.ids
        }
    }
}

/// Which part of a listing is read, and how much at a time.
struct ListRange: Sendable {
    var chunk: Int
    var offset: Int
    var limit: Int?
    var reverse: Bool

    /// The ids read at once of those that are left out.
    static let skipPage = 1000

    /// - Throws: ``ModelError/Code/invalidChange``.
    func validate() throws(ModelError) {
        guard chunk >= 1 else {
            throw ModelError(.invalidChange, "a chunk has room for at least 1 model, not \(chunk)")
        }
        guard offset >= 0 else { throw ModelError(.invalidChange, "an offset is 0 or more, not \(offset)") }
        guard (limit ?? 0) >= 0 else { throw ModelError(.invalidChange, "a limit is 0 or more, not \(limit ?? 0)") }
    }
}
