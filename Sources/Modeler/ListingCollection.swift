/// A collection that knows the order in which its models were inserted.
public protocol ListingCollection: ModelCollection {
    /// The ids after a place in the insertion order.
    ///
    /// - Parameters:
    ///   - cursor: Where the page before ended, or `nil` to begin at the start (or the end, in reverse).
    ///   - limit: The most ids in the page; at least 1.
    ///   - order: Oldest first, or newest first.
    /// - Returns: Ids of models that are there. A page may hold fewer than `limit` and still have a next one.
    func page(after cursor: PageCursor?, limit: Int, order: PageOrder) async throws(ModelError) -> Page
}

/// The direction of a listing.
public enum PageOrder: Sendable, Hashable {
    /// In the order of insertion.
    case oldestFirst
    /// Against the order of insertion.
    case newestFirst
}

/// A place in a listing. Only the collection that made it can read it.
public struct PageCursor: Sendable, Hashable {
    /// The store's own form of the place.
    public let rawValue: String

    /// Wraps a store's own form of a place.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// A part of a listing.
public struct Page: Sendable {
    /// The ids, in the order asked.
    public var ids: [ModelID]
    /// Where the next page begins, or `nil` at the end.
    public var next: PageCursor?

    /// Makes a page.
    public init(ids: [ModelID], next: PageCursor?) {
        self.ids = ids
        self.next = next
    }
}
