import Modeler
import ModelerSQLite
import ModelerTesting
import Testing

@Suite("The collection in SQLite conforms")
struct ConformanceTests {
    @Test(
        "Contract",
        arguments: CollectionConformance.checks + CollectionConformance.listingChecks
            + CollectionConformance.ownershipChecks + CollectionConformance.scanChecks
            + CollectionConformance.ownerScanChecks
    )
    func conforms(check: ConformanceCheck) async throws {
        try await withStore { try await check.run(on: $0) }
    }

    @Test("H1 Random sequences of operations do what the reference model does")
    func randomSequences() async throws {
        let sequences = RandomSequences(count: TestScale.count(300, full: 100_000), withListing: true)
        print("H1 on SQLite: seed \(sequences.seed), \(sequences.count) sequences")
        try await withStore { try await sequences.run(on: $0) }
    }

    @Test("H2 Every interleaving of two and three clients keeps the promises", arguments: 0..<4)
    func interleavings(part: Int) async throws {
        let all = Interleavings.short.programs
        let programs = all.indices.filter { $0 % 4 == part }.map { all[$0] }
        try await withStore { store in
            let count = try await Interleavings(programs: programs).run(on: store)
            #expect(count > 2_000)
        }
    }

    private func withStore(_ body: (CollectionUnderTest) async throws -> Void) async throws {
        try await withDirectory { directory in
            let clock = ManualClock()
            let file = try directory.open(now: { clock.now }).file
            let store = CollectionUnderTest(
                isClockManual: true,
                timeUnit: .seconds(1),
                make: { try SQLiteCollection(file: file, name: "\(ModelID.random())", hooks: $0) },
                letTimePass: { clock.advance(by: $0) },
                turnClockBack: { clock.turnBack(by: $0) }
            )
            try await body(store)
            await file.close()
        }
    }
}
