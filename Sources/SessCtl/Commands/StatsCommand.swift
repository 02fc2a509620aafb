import ArgumentParser
import Modeler
import Sess

/// Counts sessions and measures some of them.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count sessions and users, and measure a sample of sessions.",
        discussion: """
            It goes through the store in small steps with pauses. Ctrl-C ends it with what it has by then and a \
            cursor, from which --after goes on. Of a store that changes meanwhile some sessions may be counted twice.
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Measure each n-th session.")
    var every = 10

    @Option(help: "Go on at the cursor of an interrupted run.")
    var after: String?

    func validate() throws {
        guard every >= 1 else { throw ValidationError("--every is 1 or more.") }
    }

    func run() async throws {
        try await store.use { store in
            var statistics = Statistics()
            let walk = CollectionWalk(store: store, start: after)
            let cursor = try await walk.run { step in
                let first = (every - statistics.sessions % every) % every
                let sample = stride(from: first, to: step.ids.count, by: every).map { step.ids[$0] }
                statistics.count(step)
                for model in try await store.readable(sample) { statistics.sample(model) }
                Terminal.progress("\(statistics.sessions) sessions")
            }
            Terminal.progress(nil)
            output.write(statistics.row(cursor: cursor))
        }
    }
}

extension OperatedStore {
    /// The sessions of ids, without those that have ended or can't be read.
    func readable(_ ids: [ModelID]) async throws(ModelError) -> [Model] {
        do throws(ModelError) {
            return try await manager.sessions.fetch(ids).compactMap(\.self)
        } catch {
            guard error.code == .unreadable || error.code == .unreadableHere else { throw error }
        }
        var models: [Model] = []
        for id in ids {
            if let model = try? await manager.sessions.fetch(id) { models.append(model) }
        }
        return models
    }
}
