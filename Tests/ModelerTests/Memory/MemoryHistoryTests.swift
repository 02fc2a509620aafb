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

    @Test(
        "H1 finds each seeded fault but those of rare situations",
        arguments: FaultyCollection.Fault.allCases.filter { !FaultyCollection.rare.contains($0) }
    )
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
            .dropsDeadline, .staleReads, .removeForgets, .removesWhateverIsThere,
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

    @Test(
        "The check of a rule finds the store that breaks it",
        arguments: [
            (.foundAtDeadline, "a model is not there from the very instant of its deadline on"),
            (.nowIsUpdated, "a model without limits stays, and every answer has the store's clock of that moment"),
            (.updatedGoesBack, "C9 a clock that goes back leaves models readable and writable, their times in order"),
            (
                .appliesOldOperationsAnew,
                "C10 an increment repeated after 33 and after 1,000 other writes is never applied twice"
            ),
            (
                .forgetsOperationsWithTime,
                "C10 an increment repeated two minutes later, after another write, is not applied twice"
            ),
            (
                .takesEqualsForOne,
                "changes that are asked for the first time are both applied though their operation ids are equal"
            ),
            (.removesWhateverIsThere, "a removal removes only what it expects, and hands back what is there otherwise"),
            (.touchIgnored, "commits with and without operations start the idle limit anew"),
        ] as [(FaultyCollection.Fault, String)]
    )
    func faultsFoundByTheirChecks(fault: FaultyCollection.Fault, name: String) async throws {
        let check = try #require(CollectionConformance.checks.first { $0.name == name })
        await #expect(throws: Violation.self) { try await check.run(on: FaultyCollection.store(fault)) }
    }

    @Test(
        "The checks of owners find the store that breaks a rule, and only that", arguments: FaultyOwners.Fault.allCases)
    func faultyOwners(fault: FaultyOwners.Fault) async {
        let violations = await CollectionConformance.violations(
            of: FaultyOwners.store(fault), in: CollectionConformance.ownershipChecks)
        let name =
            switch fault {
            case .epochIgnoresClock: "a new epoch is the store's clock or later"
            case .sparingKeepsEpoch, .sparingReservesNothing: "an epoch that moves for all but one"
            case .sparesTheRevoked: "a revoked model is not spared"
            case .hidesLoss: "a renewal says where nothing was known of the owner"
            }
        #expect(violations.contains { $0.hasPrefix(name) })
        #expect(violations.count <= 2, "\(violations)")
    }
}
