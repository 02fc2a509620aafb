/// What a session costs in this process, with a store in memory: nanoseconds, and instructions where valgrind is there.
struct SessionSuite {
    private let report: Report
    private let rounds: Int

    init(_ options: Options, _ report: Report) {
        self.report = report
        rounds = options.number("rounds", 3)
    }

    func run() throws {
        let hasValgrind = (try? Child.output("valgrind", ["--version"])) != nil
        for name in ["none", "forged", "read", "increment"] {
            let arguments = ["session", "--case", name]
            let times = try (0..<rounds).map { _ in try Child.sample(Child.own, arguments)["ns"] }
            let label = Self.labels[name] ?? name
            try report.add(Row(suite: "session", name: label, ours: Row.median(times), unit: "ns"))
            // Valgrind 3.19 can't run every build of Swift's runtime; then there are only the times.
            guard hasValgrind, let more = try? instructions(arguments, 4000),
                let fewer = try? instructions(arguments, 2000)
            else { continue }
            let count = (more - fewer) / 2000
            try report.add(Row(suite: "session", name: "\(label): instructions", ours: count, unit: ""))
        }
    }

    private static let labels = [
        "none": "begin and finish, no cookie", "forged": "begin and finish, an unknown token",
        "read": "begin, read one of ten fields, finish", "increment": "begin, increment, commit, finish",
    ]

    /// All instructions of a run; two runs of different lengths tell those of one request.
    private func instructions(_ arguments: [String], _ iterations: Int) throws -> Double {
        let text = try Child.output(
            "valgrind",
            ["--tool=callgrind", "--callgrind-out-file=/dev/null", Child.own] + arguments
                + ["--iterations", "\(iterations)"])
        guard let line = text.split(separator: "\n").first(where: { $0.contains("Collected : ") }),
            let count = line.split(separator: " ").last.flatMap({ Double($0) })
        else { throw Failure("valgrind says: \(text)") }
        return count
    }
}
