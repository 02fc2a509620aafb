import Modeler
import ModelerRedis
import ModelerTesting
import Synchronization

/// A run of random faults on one system under load, in segments whose histories are checked each and then forgotten.
struct ChaosRun {
    /// How long a segment is at least. What a run keeps in memory depends on it, not on the run's length.
    private static let segmentLength = Duration.seconds(6)
    private static let settlingTime = Duration.milliseconds(300)
    /// No call takes that long, whatever happens.
    private static let longestCall = Duration.seconds(20)

    private let system: any ChaosSystem
    /// What the load uses.
    private let collections: [any ModelCollection]
    private let seed: UInt64
    private let interval: Double
    private let end: ContinuousClock.Instant
    private let began = ContinuousClock.now
    private var generator: SeededGenerator
    private var nextFault: ContinuousClock.Instant
    private var losses: LossWatch
    private(set) var report = ChaosReport()
    /// Models that are gone for good.
    private var gone: [ModelID] = []

    /// - Parameter interval: The seconds from the end of a fault to the next one, on average.
    init(_ system: any ChaosSystem, seed: UInt64, length: Duration, interval: Double, dropOneIn: Int? = nil) {
        collections = system.collections.map { base in
            dropOneIn.map { DroppingCollection(base, oneIn: $0) } ?? base as any ModelCollection
        }
        (self.system, self.seed, self.interval) = (system, seed, interval)
        (end, nextFault) = (began + length, began)
        losses = LossWatch(system)
        generator = SeededGenerator(seed: seed)
    }

    mutating func run() async throws {
        for id in system.probes {
            _ = try await system.collections[0].insert(NewModel(id: id, fields: []), expiry: .never)
        }
        try await losses.mark()
        scheduleFault()
        var number: UInt64 = 0
        while ContinuousClock.now < end {
            number += 1
            let histories = FaultHistories(seed: seed &+ number &* 1_000)
            let isDone = Guarded(false)
            async let load = histories.run(on: collections) { isDone.withLock { $0 } }
            do {
                try await inflictFaults(until: min(end, .now + Self.segmentLength))
            } catch {
                isDone.withLock { $0 = true }
                throw error
            }
            isDone.withLock { $0 = true }
            let watchdog = Watchdog(Self.longestCall, "a call hangs; seed \(seed)")
            var record = await load
            watchdog.cancel()
            try await check(&record)
            losses.startAnew()
            report.sampleMemory(at: seconds(since: began))
        }
    }

    /// Faults, each with time to recover, and some calm at the end.
    private mutating func inflictFaults(until segmentEnd: ContinuousClock.Instant) async throws {
        while nextFault < segmentEnd {
            try await Task.sleep(until: nextFault)
            try await losses.mark()
            let fault = ChaosFault.next(of: system.kinds, using: &generator)
            let time = seconds(since: began)
            let victim = try await system.inflict(fault)
            say("\(fixed(time, 1)) s  \(fault), on \(victim)")
            report.note(
                fault.kind, recovery: try await recover(from: fault), bound: system.recoveryBound(after: fault.kind))
            try await losses.mark()
            scheduleFault()
        }
        let rest = segmentEnd - .now
        if rest > .zero { try await Task.sleep(for: rest) }
        try await Task.sleep(for: Self.settlingTime)
        try await losses.mark()
    }

    private mutating func scheduleFault() {
        nextFault = .now + .milliseconds(Int(Double.random(in: 0.5...1.5, using: &generator) * interval * 1_000))
    }

    /// How long it takes until all servers have answered through both clients.
    private func recover(from fault: ChaosFault) async throws -> Duration {
        let began = ContinuousClock.now
        for collection in system.collections {
            for id in system.probes {
                while true {
                    do {
                        if case .committed = try await collection.commit(Change(), to: id) { break }
                        throw SystemFailure(description: "\(id) is lost, which was inserted before all faults")
                    } catch let error as ModelError {
                        guard ContinuousClock.now - began < .seconds(30) else {
                            throw SystemFailure(description: "nothing succeeds 30 s after \(fault): \(error)")
                        }
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
            }
        }
        return ContinuousClock.now - began
    }

    private mutating func check(_ record: inout HistoryRecord) async throws {
        try await retrying { try await record.readAll(from: system.collections[0]) }
        report.add(record.summary, failovers: losses.losses.count)
        report.violations += record.check(
            losses: losses.losses, replaysRemovals: system.replaysRemovals, name: "seed \(seed)"
        ).map(\.description)
        let formerlyGone = gone
        let back = try await retrying { try await system.collections[0].fetch(formerlyGone) }.compactMap { $0?.id }
        report.violations += back.map { "seed \(seed), \($0) is there again after an earlier segment" }
        gone = Array((gone + record.gone).suffix(500))
    }

    private func retrying<Result>(_ call: () async throws -> Result) async throws -> Result {
        let limit = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await call()
            } catch let error as ModelError {
                guard ContinuousClock.now < limit else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}

/// The seconds since an instant.
@inline(never)
func seconds(since instant: ContinuousClock.Instant) -> Double {
    (ContinuousClock.now - instant) / .seconds(1)
}
