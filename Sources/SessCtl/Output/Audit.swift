import ArgumentParser
import FoundationEssentials
import Modeler

/// Leave to destroy, and who has it.
struct DestroyingOptions: ParsableArguments {
    @Flag(help: "Do it. Without this only what would be done is shown.")
    var yes = false

    @Option(name: .customLong("as"), help: "The operator's name for the audit. (default: $USER)")
    var operatorName: String?

    /// Writes a line for the audit to the standard error: what was done, by whom, when and where.
    func audit(_ action: String, in place: String, _ details: OutputOptions.Row) {
        let name = operatorName ?? ProcessInfo.processInfo.environment["USER"]
        let head: OutputOptions.Row = [
            ("audit", .text(action)), ("as", .text(name)), ("at", .instant(Timestamp(Date()))), ("store", .text(place)),
        ]
        Terminal.note(OutputOptions.object(head + details))
    }

    /// Says that nothing was done.
    func noteDryRun() { Terminal.note("Nothing was changed; --yes does it.") }
}
