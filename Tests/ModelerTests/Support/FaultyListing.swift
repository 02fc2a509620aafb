import Modeler
import ModelerTesting

/// A collection that lists with one fault, to see that the checks find it.
final class FaultyListing: ListingCollection {
    enum Fault: CaseIterable {
        case listsRemoved, forgetsOrder, ignoresOrder, repeatsCursor, dropsLast, insertionMoves, longPages, ignoresHooks
    }

    private let base: MemoryCollection
    private let fault: Fault
    private let everyID = Guarded<[ModelID]>([])

    private init(_ fault: Fault, base: MemoryCollection) {
        self.fault = fault
        self.base = base
    }

    static func store(_ fault: Fault) -> CollectionUnderTest {
        let clock = ManualClock()
        return CollectionUnderTest(
            isClockManual: true,
            timeUnit: .seconds(1),
            make: { FaultyListing(fault, base: MemoryCollection(hooks: $0, now: { clock.now })) },
            letTimePass: { clock.advance(by: $0) },
            turnClockBack: { clock.turnBack(by: $0) }
        )
    }

    var name: String { base.name }
    var expiry: Expiry { base.expiry }
    var hooks: ModelHooks { fault == .ignoresHooks ? ModelHooks() : base.hooks }

    func insert(_ model: NewModel, expiry: Expiry) async throws(ModelError) -> InsertOutcome {
        everyID.withLock { ids in
            if fault == .insertionMoves { ids.removeAll { $0 == model.id } }
            if !ids.contains(model.id) { ids.append(model.id) }
        }
        return try await base.insert(model, expiry: expiry)
    }

    func fetch(_ ids: [ModelID]) async throws(ModelError) -> [Model?] { try await base.fetch(ids) }

    func commit(_ change: Change, to id: ModelID) async throws(ModelError) -> CommitOutcome {
        try await base.commit(change, to: id)
    }

    func remove(_ id: ModelID, expecting: Change.Expectation) async throws(ModelError) -> RemoveOutcome {
        try await base.remove(id, expecting: expecting)
    }

    func page(after cursor: PageCursor?, limit: Int, order: PageOrder) async throws(ModelError) -> Page {
        var page: Page
        switch fault {
        case .listsRemoved, .insertionMoves: page = try await allIDsPage(after: cursor, limit: limit, order: order)
        case .ignoresOrder: page = try await base.page(after: cursor, limit: limit, order: .oldestFirst)
        case .longPages: page = try await base.page(after: cursor, limit: limit + 1, order: order)
        default: page = try await base.page(after: cursor, limit: limit, order: order)
        }
        if fault == .forgetsOrder { page.ids.sort() }
        if fault == .dropsLast, page.next == nil { page.ids = page.ids.dropLast() }
        if fault == .repeatsCursor, page.next != nil, page.ids.count > 1, let next = page.next,
            let place = Int(next.rawValue)
        {
            page.next = PageCursor(rawValue: String(order == .oldestFirst ? place - 1 : place + 1))
        }
        return page
    }

    /// A page of all ids that ever were inserted, or of those of them that are left.
    private func allIDsPage(after cursor: PageCursor?, limit: Int, order: PageOrder) async throws(ModelError) -> Page {
        var ids = everyID.withLock { $0 }
        if fault == .insertionMoves {
            let found = try await base.fetch(ids)
            ids = ids.indices.filter { found[$0] != nil }.map { ids[$0] }
        }
        if order == .newestFirst { ids.reverse() }
        let start = cursor.flatMap { Int($0.rawValue) } ?? 0
        let end = min(start + limit, ids.count)
        return Page(
            ids: Array(ids[min(start, end)..<end]), next: end < ids.count ? PageCursor(rawValue: "\(end)") : nil)
    }
}
