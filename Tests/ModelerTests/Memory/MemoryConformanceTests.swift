import Modeler
import ModelerTesting
import Testing

@Suite("The collection in memory conforms")
struct MemoryConformanceTests {
    @Test("Contract", arguments: CollectionConformance.checks + CollectionConformance.listingChecks)
    func conforms(check: ConformanceCheck) async throws {
        try await check.run(on: .memory())
    }

    @Test("Contract under the real clock", arguments: CollectionConformance.checks)
    func conformsByRealClock(check: ConformanceCheck) async throws {
        let limits = MemoryCollection.Limits(maximumBytesPerModel: 2 * 1024 * 1024)
        try await check.run(on: CollectionUnderTest(make: { MemoryCollection(limits: limits) }))
    }
}
