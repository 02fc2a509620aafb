import Modeler
import ModelerTesting
import Testing

@Suite("Histories under mixed load")
struct HistoryCheckTests {
    @Test("H5 32 clients on 100 models in memory: one order explains every answer")
    func memory() async throws {
        let histories = Histories(operations: 30_000)
        let report = try await histories.run(on: .memory())
        print("H5 memory: seed \(histories.seed), \(report)")
        #expect(report.commits > 5000 && report.conflicts > 100 && report.gone > 10)
    }

    @Test(
        "H5 The checker catches each seeded fault: no check of revisions or of existence, plain overwrites, stale reads",
        arguments: [
            .ignoresExpectations, .ignoresFieldExpectations, .createsOnCommit, .readsThenWrites, .staleReads,
            .revisionStays, .fieldsShareRevision, .removeForgets, .removesWhateverIsThere, .appliesOldOperationsAnew,
        ] as [FaultyCollection.Fault]
    )
    func faults(fault: FaultyCollection.Fault) async {
        let error = await #expect(throws: Violation.self) {
            try await Histories(clients: 8, models: 4, operations: 20_000, seed: 1).run(
                on: FaultyCollection.store(fault))
        }
        print("H5 \(fault): \(error?.message.prefix(160) ?? "not caught")")
    }
}
