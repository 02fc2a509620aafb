import Foundation
import Modeler
import ModelerTesting
import Testing

@Suite("The collection in memory conforms")
struct MemoryConformanceTests {
    @Test(
        "Contract",
        arguments: CollectionConformance.checks + CollectionConformance.listingChecks
            + CollectionConformance.ownershipChecks + CollectionConformance.scanChecks
            + CollectionConformance.ownerScanChecks
    )
    func conforms(check: ConformanceCheck) async throws {
        try await check.run(on: .memory())
    }

    @Test("Owners of whom nothing is kept take no memory")
    func owners() async throws {
        let clock = ManualClock()
        let models = MemoryCollection(now: { clock.now })
        for index in 0..<1000 {
            let owner = try OwnerID("owner \(index)")
            let id = ModelID(index)
            _ = try await models.reserve(id, for: owner, limit: nil, condemning: [], hold: .seconds(60))
            _ = try await models.confirm(id, of: owner, epoch: 0, expires: clock.now + .seconds(60))
            if index % 2 == 0 { try await models.withdraw([id], from: owner) }
        }
        #expect(models.ownerCount <= 500)
        clock.advance(by: .seconds(61))
        for index in 1000..<2000 {
            let owner = try OwnerID("owner \(index)")
            _ = try await models.renew(ModelID(index), of: owner, epoch: 0, expires: clock.now + .seconds(1))
            clock.advance(by: .seconds(1))
        }
        #expect(models.ownerCount <= 700)
        let owner = try OwnerID("again")
        for _ in 0..<10_000 {
            _ = try await models.renew(ModelID(1), of: owner, epoch: 0, expires: nil)
            try await models.withdraw([ModelID(1)], from: owner)
        }
        #expect(models.ownerPlaces <= 2 * models.ownerCount + 64)
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
