import ArgumentParser
import Modeler
import Sess

/// Shows a session.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a session: its dates, and its fields' names and sizes.",
        discussion: "The library's own fields, such as the digest of the token, are not shown.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The session's id.")
    var id: SessionArgument

    @Flag(help: "Show the fields' values, too.")
    var values = false

    func validate() throws { try SessionArgument.check([id]) }

    func run() async throws {
        try await store.use { store in
            guard let model = try await store.model(id.id) else { throw Failure("there is no session \(id.id)") }
            let user = SessionManager.user(of: model)
            let head: OutputOptions.Row = [
                ("id", .text(model.id.rawValue)),
                ("user", .text(user?.id)),
                ("signedIn", .instant(user?.signedIn)),
                ("address", .text(user?.device?.address)),
                ("userAgent", .text(user?.device?.userAgent)),
                ("revision", .number(model.revision)),
                ("created", .instant(model.created)),
                ("updated", .instant(model.updated)),
                ("expires", .instant(model.lifetime?.expires)),
                ("idleSeconds", .seconds(model.lifetime?.expiry.idle)),
                ("absoluteSeconds", .seconds(model.lifetime?.expiry.absolute)),
                ("bytes", .number(model.fields.byteCount)),
            ]
            let fields = model.fields.withoutSaveOnly.sorted { $0.name < $1.name }
            let rows = fields.map { field -> OutputOptions.Row in
                [
                    ("field", .text(field.name)), ("bytes", .number(field.value.bytes.count)),
                    ("revision", .number(field.revision)),
                ] + (values ? [("value", .json(field.value))] : [])
            }
            guard output.format == .table else {
                let list = "[" + rows.map(OutputOptions.object).joined(separator: ",") + "]"
                output.write(head + [("fields", .json(EncodedJSON(unchecked: ArraySlice(list.utf8))))])
                return
            }
            output.write(head)
            guard !rows.isEmpty else { return }
            Terminal.line("")
            output.write(rows, columns: ["field", "bytes", "revision"] + (values ? ["value"] : []))
        }
    }
}
