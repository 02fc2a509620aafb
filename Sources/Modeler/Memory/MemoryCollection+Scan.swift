extension MemoryCollection: ScannableCollection {
    public func scan(after cursor: PageCursor?, limit: Int) async throws(ModelError) -> ScanStep {
        try ScanCursor.check(limit: limit)
        switch try ScanCursor(cursor) {
        case .owners(let place):
            let after: Int? = try ScanCursor.number(place)
            let page = withOwners { $0.page(after: after, limit: limit) }
            let next = page.next.map { ScanCursor.owners(after: String($0)) } ?? .models(after: "")
            return ScanStep(ids: [], owners: page.ids, next: next.cursor)
        case .models(let place):
            let after: Int? = try ScanCursor.number(place)
            let page = try await page(
                after: after.map { PageCursor(rawValue: String($0)) }, limit: limit, order: .oldestFirst)
            return ScanStep(ids: page.ids, next: page.next.map { ScanCursor.models(after: $0.rawValue).cursor })
        }
    }
}
