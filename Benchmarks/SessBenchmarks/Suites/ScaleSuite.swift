import HiredisClient

/// How costs grow: with the sessions in the store, the fields of a session, callers, connections and time.
struct ScaleSuite {
    private let redis: BenchmarkRedis
    private let report: Report
    private let common: [String]
    private let rounds: Int

    init(_ options: Options, _ report: Report) {
        redis = BenchmarkRedis(options)
        self.report = report
        rounds = options.number("rounds", 3)
        common =
            ["--key", BenchmarkRecords.keyPrefix, "--seconds", options.text("seconds", "1")] + redis.arguments
    }

    func run() async throws {
        try growth()
        for fields in [2, 10, 40, 160] {
            try await redis.withClient { client in
                try await BenchmarkRecords.prepare(
                    client, count: 64, bytes: 16, fields: fields, recordBytes: fields * 20)
            }
            try measure("load", "fields: \(fields)", [])
            try measure("commit", "fields: \(fields)", [])
        }
        try await redis.withClient { client in
            try await BenchmarkRecords.prepare(client, count: 1024, bytes: 16, fields: 4, recordBytes: 200)
        }
        for callers in [1, 16, 64, 256, 1024] {
            try measure("load", "callers: \(callers)", ["--callers", "\(callers)"])
        }
        for connections in [1, 2, 4] {
            try measure(
                "load", "connections: \(connections), on the global executor",
                ["--connections", "\(connections)", "--on", "pool"])
        }
        try await sessions()
    }

    /// The same work on ever more sessions. Each operation takes one of all of them at random.
    private func sessions() async throws {
        var first: [String: Double] = [:]
        for count in [1_000, 10_000, 100_000, 1_000_000] {
            try await redis.withClient { client in
                try await BenchmarkRecords.prepare(client, count: count, bytes: 16, fields: 4, recordBytes: 200)
            }
            for operation in ["load", "commit"] {
                let samples = try samples(operation, ["--spread", "\(count)"])
                for (value, label) in [("client_us", "client CPU"), ("server_us", "Redis CPU")] {
                    let name = "\(operation): \(label)"
                    let now = Row.median(samples.map { $0[value] })
                    let base = first[name] ?? now
                    first[name] = base
                    try report.add(
                        Row(
                            suite: "scale", name: "\(name), sessions: \(count)", ours: now, ceiling: base,
                            ratio: now / base, unit: "µs", goal: 1.05, lowerIsBetter: true))
                }
            }
        }
    }

    private func measure(_ operation: String, _ name: String, _ extra: [String]) throws {
        let samples = try samples(operation, extra)
        for (value, unit) in [("ops_per_second", "/s"), ("client_us", "µs"), ("server_us", "µs")] {
            try report.add(
                Row(
                    suite: "scale", name: "\(operation), \(name): \(value)",
                    ours: Row.median(samples.map { $0[value] }), unit: unit))
        }
    }

    private func samples(_ operation: String, _ extra: [String]) throws -> [Sample] {
        try (0..<rounds).map { _ in try Child.sample(Child.own, ["load", "--op", operation] + common + extra) }
    }

    /// The memory of the client's process after 10⁶ and after 10⁷ commands.
    private func growth() throws {
        let sample = try Child.sample(Child.own, ["growth"] + redis.arguments)
        try report.add(
            Row(
                suite: "scale", name: "memory after 10⁷ commands, to after 10⁶", ours: sample["last_kib"],
                ceiling: sample["first_kib"], ratio: sample["last_kib"] / sample["first_kib"], unit: "KiB", goal: 1.02,
                lowerIsBetter: true))
    }
}
