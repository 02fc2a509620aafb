import Modeler
import ModelerTesting
import Testing

@Suite("Histories through failovers")
struct FailoverCheckTests {
    private struct Run {
        var violations: [Violation]
        var summary: HistoryRecord.Summary
    }

    /// Runs a load of which the replica misses some 50 ms, and hands over to it.
    ///
    /// - Parameter isDeclared: Whether the checker is told when writes may have been lost.
    private func run(
        _ collection: UnreliableCollection, seed: UInt64, hasFailover: Bool = true, isDeclared: Bool = true
    ) async throws -> Run {
        let isDone = Guarded(false)
        let histories = FaultHistories(models: 8, pause: .milliseconds(1), seed: seed)
        async let load = histories.run(on: [collection]) { isDone.withLock { $0 } }
        var losses: [ClosedRange<Int64>] = []
        try await Task.sleep(for: .milliseconds(250))
        if hasFailover {
            let began = HistoryClock.now()
            await collection.lag()
            try await Task.sleep(for: .milliseconds(50))
            try await collection.failOver()
            losses.append(began...HistoryClock.now())
        }
        try await Task.sleep(for: .milliseconds(250))
        isDone.withLock { $0 = true }
        var record = await load
        try await record.readAll(from: collection)
        let violations = record.check(losses: isDeclared ? losses : [], name: "seed \(seed)")
        let run = Run(violations: violations, summary: record.summary)
        print("Failover: seed \(seed), \(run.summary.operations) operations, \(run.violations.count) violations")
        return run
    }

    private let seed = UInt64.random(in: 0..<(1 << 32))

    @Test("H5 What a failover may lose is no violation, and a history without one is checked in full")
    func sound() async throws {
        for hasFailover in [true, false] {
            let run = try await run(UnreliableCollection(), seed: seed, hasFailover: hasFailover)
            #expect(run.violations.isEmpty, "\(run.violations.prefix(3))")
            #expect(run.summary.operations > 500)
        }
    }

    @Test("H5 What is lost outside of a failover is a violation")
    func undeclared() async throws {
        let run = try await run(UnreliableCollection(), seed: seed, isDeclared: false)
        #expect(!run.violations.isEmpty)
    }

    @Test(
        "H5 A store that rarely drops, repeats, hides or mixes up gets a bad verdict, with failovers and without",
        arguments: UnreliableCollection.Fault.allCases, [true, false])
    func caught(_ fault: UnreliableCollection.Fault, hasFailover: Bool) async throws {
        let period = fault == .dropsRemoval ? 4 : 100
        let run = try await run(UnreliableCollection(fault, period: period), seed: seed, hasFailover: hasFailover)
        #expect(!run.violations.isEmpty)
        print("  \(fault): \(run.violations.first?.message.prefix(160) ?? "not caught")")
    }
}
