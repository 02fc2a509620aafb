/// A collection that can be gone through whole, whether or not it keeps its models in an order.
public protocol ScannableCollection: ModelCollection {
    /// One step through all that the collection holds, in no order.
    ///
    /// What is there from the call of the first step to the return of the last is found at least once, and perhaps more
    /// than once. What comes or goes meanwhile may be found or not.
    ///
    /// - Parameters:
    ///   - cursor: Where the step before ended, or `nil` to begin.
    ///   - limit: About how much the step looks at; at least 1. It bounds the work of a step and what is in memory.
    /// - Returns: What was found; often less than `limit`, even nothing, where there is a next step all the same.
    func scan(after cursor: PageCursor?, limit: Int) async throws(ModelError) -> ScanStep
}

/// What one step through a collection has found.
public struct ScanStep: Sendable {
    /// Ids of models. One may have expired or be gone since.
    public var ids: [ModelID]
    /// Owners of whom the collection keeps something; none where it keeps no owners.
    public var owners: [OwnerID]
    /// Where the next step begins, or `nil` at the end.
    public var next: PageCursor?

    /// Makes a step's findings.
    public init(ids: [ModelID], owners: [OwnerID] = [], next: PageCursor?) {
        self.ids = ids
        self.owners = owners
        self.next = next
    }
}
