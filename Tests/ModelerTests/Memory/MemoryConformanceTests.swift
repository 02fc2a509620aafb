import Foundation
import Modeler
import ModelerTesting
import Testing

@Suite("The collection in memory conforms")
struct MemoryConformanceTests {
    @Test("Contract", arguments: CollectionConformance.checks + CollectionConformance.listingChecks)
    func conforms(check: ConformanceCheck) async throws {
        try await check.run(on: .memory())
    }

    @Test("Models expire by the default clock too")
    func defaultClock() async throws {
        let models = MemoryCollection()
        let id = ModelID(1)
        let before = Timestamp(Date())
        let inserted = try await models.insert(NewModel(id: id, fields: []), expiry: Expiry(idle: .milliseconds(50)))
        guard case .inserted(let commit) = inserted else { throw ModelError(.full, "taken") }
        #expect(commit.created.milliseconds - before.milliseconds < 60_000)
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await models.fetch(id) == nil)
    }
}
