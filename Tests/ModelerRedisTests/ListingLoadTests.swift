import Modeler
import ModelerTesting
import Testing

@Suite("Many models in Redis")
struct ListingLoadTests {
    @Test("M8 All are listed once and in order, a page at a time")
    func many() async throws {
        try await withListing { listing in
            let report = try await ListingLoad().run(on: listing.models)
            print("Listing in Redis: \(report)")
            #expect(report.growth < 64 << 20)
        }
    }
}
