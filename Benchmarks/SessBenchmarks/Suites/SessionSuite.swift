/// What a session costs in this process, with a store in memory: nanoseconds, and instructions where something counts
/// them. With `--other`, beside the same of another build of this program.
struct SessionSuite {
    private let report: Report
    private let rounds: Int
    private let other: String?

    init(_ options: Options, _ report: Report) {
        self.report = report
        rounds = options.number("rounds", 3)
        other = options.isSet("other") ? options.text("other") : nil
    }

    func run() throws {
        let counter = InstructionCounter.available()
        for (name, label) in Self.cases {
            try addRow(label, "ns", rounds) { program in
                try Child.sample(program, ["session", "--case", name])["ns"]
            }
            guard let counter else { continue }
            try addRow("\(label): instructions", "", 1) { try instructions(counter, $0, name) }
        }
    }

    private static let cases = [
        ("none", "begin and finish, no cookie"), ("forged", "begin and finish, an unknown token"),
        ("read", "begin, read one of ten fields, finish"), ("increment", "begin, increment, commit, finish"),
    ]

    private func addRow(
        _ label: String, _ unit: String, _ rounds: Int, measure: (_ program: String) throws -> Double
    ) throws {
        var (ours, others): ([Double], [Double]) = ([], [])
        for round in 0..<rounds {
            // Who begins changes, so that a drift weighs on both.
            if let other, round.isMultiple(of: 2) { others.append(try measure(other)) }
            ours.append(try measure(Child.own))
            if let other, !round.isMultiple(of: 2) { others.append(try measure(other)) }
        }
        let row =
            other == nil
            ? Row(suite: "session", name: label, ours: Row.median(ours), unit: unit)
            : Row.alternating("session", label, unit, ours: ours, ceiling: others, goal: 1.05, lowerIsBetter: true)
        try report.add(row)
    }

    /// The instructions of one request: two runs of different lengths tell them.
    private func instructions(_ counter: InstructionCounter, _ program: String, _ name: String) throws -> Double {
        let counts = try [2000, 4000].map { iterations in
            try counter.count(program, ["session", "--case", name, "--iterations", "\(iterations)"])
        }
        return (counts[1] - counts[0]) / 2000
    }
}
