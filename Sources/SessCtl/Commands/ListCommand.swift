import ArgumentParser
import Modeler
import Sess

/// Lists a user's sessions.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List a user's sessions.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "The user's id.")
    var user: String

    func run() async throws {
        try await store.use { store in
            let ids = try await store.collection.ownership(of: OwnerID(user)).owned
            var rows: [OutputOptions.Row] = []
            for id in ids {
                guard let model = try await store.model(id) else { continue }
                rows.append(SessionRow(model).row)
            }
            output.write(rows, columns: SessionRow.columns)
        }
    }
}
