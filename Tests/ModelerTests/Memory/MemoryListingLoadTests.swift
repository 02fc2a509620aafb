import Modeler
import ModelerTesting
import Testing

@Suite("Many models in memory")
struct MemoryListingLoadTests {
    @Test("M8 All are listed once and in order, a page at a time")
    func many() async throws {
        let load = ListingLoad()
        let models = MemoryCollection(limits: MemoryCollection.Limits(maximumModels: load.models))
        let report = try await load.run(on: models)
        print("Listing in memory: \(report)")
        #expect(report.growth < 64 << 20)
    }
}
