import Modeler
import ModelerTesting
import Testing

@Suite("Listings in chunks")
struct ChunkTests {
    @Test("M10 A chunk is read when it is asked for, and none is longer than asked")
    func noReadAhead() async throws {
        let models = ObservedListing()
        for number in 0..<50 { try await models.create(["n": .integer(number)], id: ModelID(number)) }
        models.forget()
        var chunks = models.chunks(of: 8, offset: 3).makeAsyncIterator()
        #expect(models.asked.isEmpty)
        let first = try #require(try await chunks.next())
        #expect(first.map { $0["n"].int } == Array(3..<11))
        #expect(models.asked == [.page(3), .page(8), .fetch(8)])
        models.forget()
        for _ in 0..<20 { await Task.yield() }
        #expect(models.asked.isEmpty)
        #expect(try await chunks.next()?.count == 8)
        #expect(models.asked == [.page(8), .fetch(8)])
    }

    @Test("M8 A model that goes away between the listing and its loading is left out, and another fills the chunk")
    func vanishing() async throws {
        let models = ObservedListing(removeBeforeFetch: [1, 2, 9])
        for number in 0..<10 { try await models.create(id: ModelID(number)) }
        let chunks = try await models.chunks(of: 4).reduce(into: [[ModelID]]()) { $0.append($1.map(\.id)) }
        #expect(chunks == [[0, 3, 4, 5], [6, 7, 8]])
    }

    @Test("M8 A store's page may be short of its limit: chunks are full all the same, and none is empty")
    func shortPages() async throws {
        let models = ObservedListing(longestPage: 3)
        for number in 0..<20 { try await models.create(id: ModelID(number)) }
        let sizes = try await models.idChunks(of: 10, offset: 5).reduce(into: [Int]()) { $0.append($1.count) }
        #expect(sizes == [10, 5])
        #expect(try await models.remove(0))
        #expect(try await models.list().count == 19)
    }

    @Test("A sequence of chunks can be gone through again, and ends when its task is cancelled")
    func again() async throws {
        let models = ObservedListing()
        for number in 0..<5 { try await models.create(id: ModelID(number)) }
        let chunks = models.idChunks(of: 2)
        for _ in 0..<2 { #expect(try await chunks.reduce(0) { $0 + $1.count } == 5) }
        #expect(try await models.idChunks(of: 2, limit: 3).reduce(into: [Int]()) { $0.append($1.count) } == [2, 1])
    }

    @Test(
        "The checks of listings find each seeded fault",
        arguments: FaultyListing.Fault.allCases
    )
    func faultsFound(fault: FaultyListing.Fault) async {
        let violations = await CollectionConformance.violations(
            of: FaultyListing.store(fault),
            in: CollectionConformance.listingChecks
        )
        #expect(!violations.isEmpty)
    }
}
