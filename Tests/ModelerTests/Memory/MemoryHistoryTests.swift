import Modeler
import ModelerTesting
import Testing

@Suite("Histories of the collection in memory")
struct MemoryHistoryTests {
    @Test("H1 Random sequences are answered as the contract says")
    func randomSequences() async throws {
        let sequences = RandomSequences()
        print("H1: seed \(sequences.seed), \(sequences.count) sequences")
        try await sequences.run(on: .memory())
    }

    @Test("H1 Random sequences with listings are answered as the contract says")
    func listedSequences() async throws {
        let sequences = RandomSequences(withListing: true)
        print("H1 with listings: seed \(sequences.seed), \(sequences.count) sequences")
        try await sequences.run(on: .memory())
    }

    @Test("H1 finds listings that forget the order, list what is gone, or lose the last")
    func listingFaultsFoundByH1() async {
        for fault in [FaultyListing.Fault.listsRemoved, .forgetsOrder, .ignoresOrder, .dropsLast] {
            await #expect(throws: Violation.self) {
                try await RandomSequences(seed: 1, count: 500, withListing: true).run(on: FaultyListing.store(fault))
            }
        }
    }

    @Test("H1 Random sequences without time")
    func randomSequencesWithoutTime() async throws {
        let sequences = RandomSequences(count: 300)
        print("H1 without time: seed \(sequences.seed)")
        try await sequences.run(on: CollectionUnderTest(make: { MemoryCollection(hooks: $0) }))
    }

    @Test("H2 All interleavings of a few clients keep the rules")
    func interleavings() async throws {
        let count = try await Interleavings.full.run(on: .memory())
        #expect(count > 50_000)
    }

    @Test("H1 finds each seeded fault", arguments: FaultyCollection.Fault.allCases)
    func faultsFoundByH1(fault: FaultyCollection.Fault) async {
        let error = await #expect(throws: Violation.self) {
            try await RandomSequences(seed: 1, count: 500).run(on: FaultyCollection.store(fault))
        }
        #expect(error?.message.contains("seed") == true)
    }

    @Test(
        "H2 finds the faults that lose, revive or go back",
        arguments: [
            .ignoresExpectations, .ignoresFieldExpectations, .createsOnCommit, .readsThenWrites, .revisionStays,
            .dropsDeadline, .staleReads, .removeForgets,
        ] as [FaultyCollection.Fault]
    )
    func faultsFoundByH2(fault: FaultyCollection.Fault) async {
        await #expect(throws: Violation.self) {
            try await Interleavings.short.run(on: FaultyCollection.store(fault))
        }
    }

    @Test("The contract's checks find each seeded fault", arguments: FaultyCollection.Fault.allCases)
    func faultsFoundByChecks(fault: FaultyCollection.Fault) async {
        let violations = await CollectionConformance.violations(of: FaultyCollection.store(fault))
        #expect(!violations.isEmpty)
    }
}
