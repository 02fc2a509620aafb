import Modeler
import ModelerSQLite
import ModelerTesting
import Testing

@Suite("Many models in SQLite")
struct ListingLoadTests {
    @Test("M8 All are listed once and in order, a page at a time")
    func many() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            let report = try await ListingLoad().run(on: models)
            print("Listing in SQLite: \(report)")
            #expect(report.growth < 64 << 20)
            await models.file.close()
        }
    }
}
