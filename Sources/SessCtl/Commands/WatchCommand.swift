import ArgumentParser
import FoundationEssentials
import Modeler
import Sess

/// Waits for sessions to end.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Write a line when each of some sessions ends, and end with the last one.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The sessions' ids.")
    var ids: [SessionArgument]

    func validate() throws { try SessionArgument.check(ids) }

    func run() async throws {
        try await store.use { store in
            await withTaskGroup { group in
                for id in ids.map(\.id) {
                    group.addTask {
                        for await _ in store.manager.endEvents(of: id) {}
                        return id
                    }
                }
                for await id in group {
                    let row: OutputOptions.Row = [("ended", .text(id.rawValue)), ("at", .instant(Timestamp(Date())))]
                    Terminal.line(
                        output.format == .table
                            ? row.map(\.value.plain).joined(separator: "  ") : OutputOptions.object(row))
                }
            }
        }
    }
}
