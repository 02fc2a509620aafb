import GRDB
import Modeler

extension ModelTable {
    /// A part of the listing. Looks at a bounded number of rows, so a page may be short of its limit and have a next
    /// one all the same.
    func page(after: Int64?, limit: Int, order: PageOrder, _ db: Database, now: Timestamp) throws -> Page {
        let (comparison, direction) = order == .oldestFirst ? (">", "ASC") : ("<", "DESC")
        let steps = 4 * limit + 1024
        let statement = try db.cachedStatement(
            sql: """
                SELECT seq, id, expires FROM model WHERE collection = ? AND seq \(comparison) ?
                ORDER BY seq \(direction) LIMIT ?
                """
        )
        let start = after ?? (order == .oldestFirst ? .min : .max)
        let rows = try Row.fetchCursor(statement, arguments: [collection, start, steps + 1])
        var ids: [ModelID] = []
        var last = start
        var count = 0
        while let row = try rows.next() {
            guard let seq = try row.integer(0) else { throw ModelError.damagedRow }
            let isLive = try row.integer(2).map { $0 > now.milliseconds } ?? true
            count += 1
            if count > steps || (isLive && ids.count == limit) {
                return Page(ids: ids, next: PageCursor(rawValue: String(last)))
            }
            if isLive { ids.append(try row.modelID(1)) }
            last = seq
        }
        return Page(ids: ids, next: nil)
    }
}
