import ArgumentParser
import Modeler

/// Finds the largest sessions.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Find the largest sessions, or those with the most fields.",
        discussion: "It reads every session, in small steps with pauses. Ctrl-C ends it with what it has seen by then.")

    enum Order: String, ExpressibleByArgument, CaseIterable {
        case bytes, fields
    }

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "What makes a session large.")
    var by = Order.bytes

    @Option(help: "How many are shown.")
    var limit = 10

    @Option(help: "Begin at the cursor of an interrupted run.")
    var after: String?

    func validate() throws {
        guard (1...1000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 1000.") }
    }

    func run() async throws {
        try await store.use { store in
            var largest: [Model] = []
            let cursor = try await CollectionWalk(store: store, start: after).run { step in
                largest += try await store.readable(step.ids)
                // A scan may come to a session twice.
                var seen: Set<ModelID> = []
                largest = Array(largest.sorted(by: isLarger).filter { seen.insert($0.id).inserted }.prefix(limit))
            }
            output.write(largest.map { SessionRow($0).row }, columns: SessionRow.columns)
            if let cursor { Terminal.note("interrupted; --after \(cursor) goes on") }
        }
    }

    private func isLarger(_ one: Model, _ other: Model) -> Bool {
        let (a, b) =
            by == .bytes
            ? (one.fields.byteCount, other.fields.byteCount)
            : (one.fields.withoutSaveOnly.count, other.fields.withoutSaveOnly.count)
        return a == b ? one.id < other.id : a > b
    }
}
