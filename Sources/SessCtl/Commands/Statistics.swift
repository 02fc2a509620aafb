import Modeler
import Sess

/// What a walk has seen of sessions.
struct Statistics {
    private(set) var sessions = 0
    private(set) var users = 0
    private var bytes: [Int] = []
    private var ages: [Int] = []
    private var anonymous = 0
    private var endless = 0
    private var endingSoon = 0

    mutating func count(_ step: ScanStep) {
        sessions += step.ids.count
        users += step.owners.count
    }

    /// Takes a closer look at a session.
    mutating func sample(_ model: Model) {
        bytes.append(model.fields.byteCount)
        let now = model.lifetime?.now ?? model.updated
        ages.append(Int((now.milliseconds - model.created.milliseconds) / 1000))
        if SessionManager.user(of: model) == nil { anonymous += 1 }
        guard let remaining = model.lifetime?.remaining else {
            endless += 1
            return
        }
        if remaining < .seconds(3600) { endingSoon += 1 }
    }

    func row(cursor: String?) -> OutputOptions.Row {
        let bytes = bytes.sorted()
        let ages = ages.sorted()
        return [
            ("sessions", .number(sessions)),
            ("users", .number(users)),
            ("sampled", .number(bytes.count)),
            ("anonymousPercent", percent(anonymous)),
            ("withoutDeadlinePercent", percent(endless)),
            ("endingWithinHourPercent", percent(endingSoon)),
            ("bytesP50", .number(Self.quantile(0.5, of: bytes))),
            ("bytesP90", .number(Self.quantile(0.9, of: bytes))),
            ("bytesP99", .number(Self.quantile(0.99, of: bytes))),
            ("bytesMaximum", .number(bytes.last)),
            ("ageSecondsP50", .number(Self.quantile(0.5, of: ages))),
            ("ageSecondsP90", .number(Self.quantile(0.9, of: ages))),
            ("ageSecondsMaximum", .number(ages.last)),
            ("isComplete", .flag(cursor == nil)),
        ] + (cursor.map { [("cursor", .text($0))] } ?? [])
    }

    private func percent(_ part: Int) -> Cell {
        bytes.isEmpty ? .none : .decimal(100 * Double(part) / Double(bytes.count))
    }

    /// The smallest value that a share of all doesn't exceed.
    static func quantile<Value>(_ share: Double, of sorted: [Value]) -> Value? {
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
    }
}
