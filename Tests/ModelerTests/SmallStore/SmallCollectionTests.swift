import Modeler
import ModelerTesting
import Testing

@Suite("The article's small store conforms")
struct SmallCollectionTests {
    private static func store() -> CollectionUnderTest {
        let clock = ManualClock()
        return CollectionUnderTest(
            isClockManual: true,
            make: { hooks in SmallCollection(name: "small", hooks: hooks, clock: { clock.now }) },
            letTimePass: { clock.advance(by: $0) },
            turnClockBack: { clock.turnBack(by: $0) }
        )
    }

    @Test("Contract", arguments: CollectionConformance.checks + CollectionConformance.ownershipChecks)
    func conforms(check: ConformanceCheck) async throws { try await check.run(on: Self.store()) }

    @Test("H1 Random sequences of operations do what the reference model does")
    func randomSequences() async throws { try await RandomSequences().run(on: Self.store()) }
}
