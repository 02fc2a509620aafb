import ArgumentParser
import ModelerSQLite

/// Copies a SQLite file that is in use.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy a SQLite file while it is in use, and look at the copy.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Option(help: "Where the copy shall be.")
    var to: String

    func run() async throws {
        try await store.use { store in
            guard case .sqlite(let file) = store.backend else {
                throw Failure("a backup is of a SQLite file: --store sqlite:PATH. Redis has its own")
            }
            try await file.copy(to: to)
            output.write([("copied", .text(file.path)), ("to", .text(to)), ("isWhole", .flag(true))])
        }
    }
}
