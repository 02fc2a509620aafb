import ModelerTesting

/// Finds the spans of time in which a system may have lost writes that it acknowledged.
///
/// At each mark all replicas have all that was written before it. Where the masters are others at the next mark, what
/// was written between the two may be lost, and nothing else.
struct LossWatch {
    private(set) var losses: [ClosedRange<Int64>] = []
    private let system: any ChaosSystem
    private var last: (time: Int64, masters: [Int])?

    init(_ system: any ChaosSystem) { self.system = system }

    /// Waits until the system has settled, and marks the time.
    mutating func mark() async throws {
        var attempts = 0
        while true {
            do {
                try await system.settle()
                let masters = try await system.masters()
                let time = HistoryClock.now()
                try await system.replicate()
                // Should the masters have changed meanwhile, the mark may be on another branch than what follows.
                guard try await system.masters() == masters else { throw SystemFailure(description: "a failover") }
                if let last, last.masters != masters { losses.append(last.time...HistoryClock.now()) }
                last = (time, masters)
                return
            } catch {
                attempts += 1
                guard attempts < 3, !(error is CancellationError) else { throw error }
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Forgets the losses before the last mark.
    mutating func startAnew() { losses = [] }
}
