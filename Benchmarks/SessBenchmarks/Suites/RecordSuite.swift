/// Records against the bare commands beneath them, and one field's JSON against Foundation's.
struct RecordSuite {
    private let redis: BenchmarkRedis
    private let report: Report
    private let ceiling: String
    private let common: [String]
    private let rounds: Int
    private let seconds: String

    init(_ options: Options, _ report: Report) {
        redis = BenchmarkRedis(options)
        self.report = report
        ceiling = options.text("ceiling")
        rounds = options.number("rounds", 3)
        seconds = options.text("seconds", "1")
        common =
            ["--callers", "64", "--key", BenchmarkRecords.keyPrefix, "--sha", BenchmarkRecords.commitDigest]
            + redis.arguments + ["--seconds", seconds]
    }

    func run() async throws {
        for (bytes, fields) in [(200, 2), (1024, 10), (4096, 40)] {
            try await redis.withClient { client in
                try await BenchmarkRecords.prepare(client, count: 64, bytes: 256, fields: fields, recordBytes: bytes)
                try await BenchmarkRecords.loadScripts(client)
            }
            try compare("load", "hgetall", bytes, fields, goal: fields == 10 ? 0.7 : nil)
            try compare("commit", "commit", bytes, fields, goal: fields == 10 ? 0.85 : nil)
        }
        try await serverShare()
        try json()
    }

    private func compare(_ ours: String, _ theirs: String, _ bytes: Int, _ fields: Int, goal: Double?) throws {
        let size = ["--bytes", "\(bytes / fields)"]
        let duel = try Duel.run(
            rounds: rounds, ours: ["--op", ours] + common + size, against: ceiling, ["--op", theirs] + common + size)
        let name = "\(ours), \(fields) fields, \(bytes) B, 64 callers"
        try report.add(duel.row("record", name, "ops_per_second", "/s", goal: goal))
        try report.add(duel.row("record", "\(name): client CPU", "client_us", "µs", lowerIsBetter: true))
        try report.add(duel.row("record", "\(name): Redis CPU", "server_us", "µs", lowerIsBetter: true))
    }

    /// What Redis spends on the read of a session of ten fields, to what it spends on a GET.
    private func serverShare() async throws {
        try await redis.withClient { client in
            try await BenchmarkRecords.prepare(client, count: 64, bytes: 256, fields: 10, recordBytes: 1024)
        }
        for callers in [1, 16, 64] {
            let both = redis.arguments + ["--callers", "\(callers)", "--seconds", seconds]
            let duel = try Duel.run(
                rounds: rounds, ours: ["--op", "load"] + both, against: ceiling, ["--op", "get"] + both)
            try report.add(
                duel.row(
                    "record", "read-only request, \(callers) callers: Redis CPU to a bare GET", "server_us", "µs",
                    goal: 1.8, lowerIsBetter: true))
        }
    }

    private func json() throws {
        let samples = try (0..<rounds).map { _ in try Child.sample(Child.own, ["json"]) }
        for (ours, theirs, name) in [
            ("bag_read_ns", "foundation_bag_read_ns", "one JSON field as a bag, to Foundation"),
            ("typed_read_ns", "foundation_typed_read_ns", "one JSON field as a Codable, to Foundation"),
        ] {
            try report.add(
                .alternating(
                    "record", name, "ns", ours: samples.map { $0[ours] }, ceiling: samples.map { $0[theirs] },
                    lowerIsBetter: true))
        }
    }
}
