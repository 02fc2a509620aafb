public import Modeler

extension SQLiteCollection: ScannableCollection {
    public func scan(after cursor: PageCursor?, limit: Int) async throws(ModelError) -> ScanStep {
        try ScanCursor.check(limit: limit)
        let limit = min(limit, Self.longestPage)
        switch try ScanCursor(cursor) {
        case .owners(let place):
            guard place.isEmpty || OwnerID(keyText: place) != nil else { throw ScanCursor.foreign }
            let found = try await file.read { [owners] db, _ in
                try owners.owners(after: OwnerID(keyText: place), limit: limit, db)
            }
            let isEnd = found.count < limit
            let next: ScanCursor = isEnd ? .models(after: "") : .owners(after: found[limit - 1].keyText)
            return ScanStep(ids: [], owners: found, next: next.cursor)
        case .models(let place):
            let after: Int64? = try ScanCursor.number(place)
            let page = try await file.read { [table] db, now in
                try table.page(after: after, limit: limit, order: .oldestFirst, db, now: now)
            }
            return ScanStep(ids: page.ids, next: page.next.map { ScanCursor.models(after: $0.rawValue).cursor })
        }
    }
}
