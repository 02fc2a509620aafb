import ArgumentParser
import Modeler

/// Measures a store with models of its own.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure reads and writes of the store, with models of its own.",
        discussion:
            "The models are in a collection beside the sessions, expire within minutes, and are removed at the end.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "How long each of the two is measured.")
    var seconds = 10

    @Option(help: "How many operations are under way at once.")
    var concurrency = 16

    func validate() throws {
        guard (1...600).contains(seconds), (1...1000).contains(concurrency) else {
            throw ValidationError("--seconds is a number from 1 to 600, --concurrency one from 1 to 1000.")
        }
    }

    func run() async throws {
        var aside = store
        aside.name += "-bench"
        try await aside.use { store in
            let ids = (0..<concurrency).map { _ in ModelID.random() }
            let value = try EncodedJSON(encoding: String(repeating: "x", count: 100))
            for id in ids {
                _ = try await store.collection.insert(
                    NewModel(id: id, fields: [("text", value)]), expiry: Expiry(absolute: .seconds(3 * seconds + 60)))
            }
            let collection = store.collection
            var rows: [OutputOptions.Row] = []
            rows.append(try await measure("read", ids) { _ = try await collection.fetch($0) })
            rows.append(
                try await measure("write", ids) { id in
                    _ = try await collection.commit(Change([.init("text", .set(value))]), to: id)
                })
            for id in ids { try await collection.remove(id) }
            output.write(rows, columns: ["operation", "per second", "p50 µs", "p99 µs", "maximum µs"])
        }
    }

    private func measure(
        _ name: String, _ ids: [ModelID], _ operation: @escaping @Sendable (ModelID) async throws -> Void
    ) async throws -> OutputOptions.Row {
        let end = ContinuousClock.now + .seconds(seconds)
        let times = try await withThrowingTaskGroup { group in
            for id in ids {
                group.addTask {
                    var times: [Int64] = []
                    while ContinuousClock.now < end {
                        let start = ContinuousClock.now
                        try await operation(id)
                        times.append(Self.microseconds(since: start))
                    }
                    return times
                }
            }
            return try await group.reduce(into: [Int64]()) { $0 += $1 }
        }.sorted()
        func cell(_ time: Int64?) -> Cell { .number(time.map { Int($0) }) }
        return [
            ("operation", .text(name)), ("perSecond", .number(times.count / seconds)),
            ("p50Microseconds", cell(Statistics.quantile(0.5, of: times))),
            ("p99Microseconds", cell(Statistics.quantile(0.99, of: times))), ("maximumMicroseconds", cell(times.last)),
        ]
    }

    @inline(never)
    private static func microseconds(since start: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
