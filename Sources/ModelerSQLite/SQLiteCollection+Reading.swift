import GRDB
public import Modeler

extension SQLiteCollection {
    /// The models read in one turn on a connection.
    private static let chunk = 64

    public func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] {
        var models: [Model?] = []
        models.reserveCapacity(ids.count)
        for start in stride(from: 0, to: ids.count, by: Self.chunk) {
            let part = ids[start..<min(start + Self.chunk, ids.count)]
            models += try await file.read { [table] db, now in
                try part.map { id in try table.model(id, db, now: now) }
            }
        }
        return models
    }

    public func fetch(_ id: ModelID) async throws(ModelError) -> Model? {
        try await file.read { [table] db, now in try table.model(id, db, now: now) }
    }

    /// The most ids of one page, however many are asked for.
    static let longestPage = 10_000

    public func page(after cursor: PageCursor?, limit: Int, order: PageOrder) async throws(ModelError) -> Page {
        guard limit >= 1 else { throw ModelError(.invalidChange, "a page has room for at least 1 id") }
        let after = cursor.flatMap { Int64($0.rawValue) }
        guard cursor == nil || after != nil else {
            throw ModelError(.invalidChange, "the cursor is none of this collection's")
        }
        let limit = min(limit, Self.longestPage)
        return try await file.read { [table] db, now in
            try table.page(after: after, limit: limit, order: order, db, now: now)
        }
    }
}
