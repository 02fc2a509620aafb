import EventLoopExecution
import NIOCore

/// What one caller does again and again.
protocol CallerOperation: Sendable {
    func perform() async throws
}

/// Callers that each keep one operation under way, for a measured time.
enum Callers {
    /// Runs one operation for each caller and measures them all.
    ///
    /// - Parameter eventLoop: Where the callers run; `nil` for Swift's own threads.
    static func run<Operation: CallerOperation>(
        _ operations: [Operation], on eventLoop: (any EventLoop)?, seconds: Duration, serverPID: Int
    ) async throws -> Sample {
        let warmUntil = Reading.now() + 200_000_000
        let stopAt = warmUntil + nanoseconds(seconds)
        let executor = eventLoop.map { EventLoopTaskExecutor($0) }
        return try await withThrowingTaskGroup(of: Tally.self) { group in
            for operation in operations {
                group.addTask(executorPreference: executor) {
                    try await repeatedly(operation, warmUntil: warmUntil, stopAt: stopAt)
                }
            }
            try await sleep(until: warmUntil)
            let start = Reading.take(operations: 0, serverPID: serverPID)
            try await sleep(until: stopAt)
            var end = Reading.take(operations: 0, serverPID: serverPID)
            var latencies = Histogram()
            for try await tally in group {
                end.operations += tally.operations
                latencies.add(tally.latencies)
            }
            return Sample(from: start, to: end, latencies: latencies)
        }
    }

    private struct Tally: Sendable {
        var operations = 0
        var latencies = Histogram()
    }

    @concurrent
    private static func repeatedly<Operation: CallerOperation>(
        _ operation: Operation, warmUntil: UInt64, stopAt: UInt64
    ) async throws -> Tally {
        var tally = Tally()
        var began = Reading.now()
        while began < stopAt {
            try await operation.perform()
            let now = Reading.now()
            if now >= warmUntil, now < stopAt {
                tally.operations += 1
                tally.latencies.add(now - began)
            }
            began = now
        }
        return tally
    }

    private static func sleep(until time: UInt64) async throws {
        let now = Reading.now()
        if time > now { try await Task.sleep(nanoseconds: time - now) }
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
