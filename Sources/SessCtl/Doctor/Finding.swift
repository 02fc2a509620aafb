/// What a check has found.
struct Finding: Sendable {
    enum Status: String, Sendable, Comparable {
        /// As it should be.
        case ok
        /// It can't be told, for want of a right mostly.
        case unknown
        /// Sessions work, and something may be lost one day.
        case warning
        /// Sessions don't work.
        case failure

        static func < (one: Status, other: Status) -> Bool { one.rank < other.rank }

        private var rank: Int {
            switch self {
            case .ok: 0
            case .unknown: 1
            case .warning: 2
            case .failure: 3
            }
        }
    }

    var check: String
    var status: Status
    /// What is so, and what would be right.
    var detail: String

    init(_ check: String, _ status: Status, _ detail: String) {
        self.check = check
        self.status = status
        self.detail = detail
    }

    var row: OutputOptions.Row {
        [("check", .text(check)), ("status", .text(status.rawValue)), ("detail", .text(detail))]
    }
}
