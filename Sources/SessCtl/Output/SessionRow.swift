import Modeler
import Sess

/// A session in a list. It has nothing that gives access.
struct SessionRow {
    let row: OutputOptions.Row

    static let columns = ["id", "user", "created", "seconds left", "fields", "bytes"]

    init(_ model: Model) {
        row = [
            ("id", .text(model.id.rawValue)),
            ("user", .text(SessionManager.user(of: model)?.id)),
            ("created", .instant(model.created)),
            ("secondsLeft", .seconds(model.lifetime?.remaining)),
            ("fields", .number(model.fields.withoutSaveOnly.count)),
            ("bytes", .number(model.fields.byteCount)),
        ]
    }
}
