import ArgumentParser
import FoundationEssentials
import ModelerSQLite

/// Puts a copy in the place of a SQLite file.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a copy in the place of a SQLite file that nobody has open.",
        discussion: """
            The copy is looked at first, and the former file is set aside. Sessions that have ended since the copy \
            was made are there again: end them, if that must not be, with sessctl end --all.
            """)

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var destroying: DestroyingOptions

    @Option(help: "The copy.")
    var from: String

    func run() async throws {
        try await Failure.told {
            guard let place = store.store, place.hasPrefix(StoreOptions.sqlitePrefix) else {
                throw Failure("a copy is restored to a SQLite file: --store sqlite:PATH")
            }
            let path = String(place.dropFirst(StoreOptions.sqlitePrefix.count))
            guard destroying.yes else {
                let replaces = FileManager.default.fileExists(atPath: path)
                output.write([("wouldRestore", .text(from)), ("to", .text(path)), ("replacesFile", .flag(replaces))])
                return destroying.noteDryRun()
            }
            let former = try await SQLiteFile.restore(from: from, to: path)
            let result: OutputOptions.Row = [
                ("restored", .text(from)), ("to", .text(path)), ("former", .text(former)),
            ]
            destroying.audit("restore", in: place, result)
            output.write(result)
        }
    }
}
