import FoundationEssentials
public import Modeler

/// Many models, listed page by page: that each is listed once, in the same order from either end, and what a page
/// costs.
public struct ListingLoad: Sendable {
    /// The number of models.
    public var models: Int
    /// The models of a page.
    public var pageSize: Int
    /// The insertions under way at once.
    public var writers: Int

    /// Makes a load.
    ///
    /// - Parameters:
    ///   - models: That of the environment's `SESS_TEST_MODELS` by default, or 2,000.
    ///   - pageSize: The models of a page.
    ///   - writers: The insertions under way at once.
    public init(models: Int? = nil, pageSize: Int = 1000, writers: Int = 128) {
        let environment = ProcessInfo.processInfo.environment
        self.models = models ?? environment["SESS_TEST_MODELS"].flatMap(Int.init) ?? 2000
        self.pageSize = pageSize
        self.writers = writers
    }

    /// Inserts the models and lists them: all ids, all ids in reverse, and all models.
    ///
    /// - Throws: A ``Violation`` where one is missing, doubled or out of order, or a page is too long; what the store
    ///   throws.
    public func run(on collection: any ListingCollection) async throws -> ListingReport {
        let start = ContinuousClock.now
        try await insert(into: collection)
        let inserted = ContinuousClock.now
        // What the listings found, made before the memory is measured.
        var order = [Int32](repeating: -1, count: models)
        var reversed = order
        let ids = try await measure(collection.idChunks(of: pageSize), into: &order) { number(of: $0) }
        let back = try await measure(collection.idChunks(of: pageSize, reverse: true), into: &reversed) {
            number(of: $0)
        }
        for position in 0..<models where order[position] != reversed[models - 1 - position] {
            throw Violation("the order back is not the order's reverse, \(position) models from its start")
        }
        let loaded = try await measure(collection.chunks(of: pageSize), into: &reversed) { number(of: $0.id) }
        try require(order == reversed, "the models are listed in another order than their ids")
        return ListingReport(models: models, insertion: inserted - start, ids: ids, reversed: back, loaded: loaded)
    }

    private func insert(into collection: any ListingCollection) async throws {
        let writers = max(1, writers)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in stride(from: writer, to: models, by: writers) {
                        let fields = [
                            (name: "n", value: json("\(number)")), (name: "name", value: json("\"model \(number)\"")),
                        ]
                        let model = NewModel(id: ModelID(number), fields: fields)
                        guard case .inserted = try await collection.insert(model, expiry: Self.expiry) else {
                            throw Violation("an insertion of a new id is refused")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static let expiry = Expiry(absolute: .seconds(86400))

    private func number(of id: ModelID) -> Int? { Int(id.rawValue) }

    /// Goes through a listing, noting what it finds in the memory given.
    private func measure<Item>(
        _ chunks: ModelChunks<Item>,
        into order: inout [Int32],
        _ number: (Item) -> Int?
    ) async throws -> ListingReport.Run {
        var run = ListingReport.Run(memoryBefore: ResidentMemory.bytes)
        var seen = [Bool](repeating: false, count: models)
        var position = 0
        var iterator = chunks.makeAsyncIterator()
        var before = ContinuousClock.now
        while let chunk = try await iterator.next() {
            let now = ContinuousClock.now
            run.add(page: now - before)
            try require(chunk.count <= pageSize, "a page of \(chunk.count) is longer than \(pageSize)")
            for item in chunk {
                guard let number = number(item), seen.indices.contains(number), !seen[number] else {
                    throw Violation("a model is listed that was not inserted, or twice")
                }
                seen[number] = true
                order[position] = Int32(number)
                position += 1
            }
            run.note(memory: ResidentMemory.bytes)
            before = .now
        }
        try requireEqual(position, models, "the number of models listed")
        return run
    }
}
