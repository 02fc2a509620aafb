/// One connection against hiredis in C: commands, callers, sizes, transports, where the callers run.
struct ClientSuite {
    private let redis: BenchmarkRedis
    private let report: Report
    private let ceiling: String
    private let pipelined: String
    private let common: [String]
    private let rounds: Int

    init(_ options: Options, _ report: Report) {
        redis = BenchmarkRedis(options)
        self.report = report
        ceiling = options.text("ceiling")
        pipelined = options.text("pipelined")
        rounds = options.number("rounds", 3)
        common = ["--seconds", options.text("seconds", "1"), "--sha", BenchmarkRecords.commitDigest]
    }

    func run() async throws {
        try await prepare(bytes: 256)
        try loopGets()
        try poolGets()
        try pipelinedGets()
        for operation in ["set", "hgetall"] {
            for callers in [1, 16, 64, 256] { try add(operation, callers, extra: extra(for: operation)) }
        }
        for callers in [1, 16, 64, 256] {
            try await prepare(bytes: 256)
            try add("commit", callers, extra: ["--bytes", "47", "--key", BenchmarkRecords.keyPrefix])
        }
        for callers in [1, 64] {
            try add("get", callers, arguments: redis.socketArguments, label: "unix socket")
        }
        try await prepare(bytes: 2048)
        for callers in [1, 16, 64, 256] { try add("get", callers, extra: ["--bytes", "2048"], label: "2 KB") }
    }

    private func prepare(bytes: Int) async throws {
        try await redis.withClient { client in
            try await BenchmarkRecords.prepare(client, count: 256, bytes: bytes, fields: 10, recordBytes: 1024)
            try await BenchmarkRecords.loadScripts(client)
        }
    }

    private func extra(for operation: String) -> [String] {
        operation == "hgetall" ? ["--key", BenchmarkRecords.keyPrefix] : []
    }

    private func loopGets() throws {
        for (callers, goal) in [(1, nil), (16, 0.9), (64, 0.95), (256, 0.85)] as [(Int, Double?)] {
            let duel = try duel("get", callers, redis.arguments, [])
            let name = "GET 256 B, TCP, \(callers) on the loop"
            try report.add(duel.row("client", name, "ops_per_second", "/s", goal: goal))
            try report.add(
                duel.row(
                    "client", "\(name): client CPU", "client_us", "µs", goal: callers == 64 ? 1.2 : nil,
                    lowerIsBetter: true))
            try report.add(
                duel.row(
                    "client", "\(name): p50", "p50_us", "µs", goal: callers == 1 ? 1.1 : nil, lowerIsBetter: true))
            try report.add(duel.row("client", "\(name): p99", "p99_us", "µs", lowerIsBetter: true))
            try report.add(duel.row("client", "\(name): Redis CPU", "server_us", "µs", lowerIsBetter: true))
        }
    }

    private func poolGets() throws {
        for (callers, goal) in [(1, nil), (16, 0.8), (64, 0.8), (256, 0.5)] as [(Int, Double?)] {
            let duel = try duel("get", callers, redis.arguments, ["--on", "pool"])
            let name = "GET 256 B, TCP, \(callers) on the global executor"
            try report.add(duel.row("client", name, "ops_per_second", "/s", goal: goal))
            try report.add(duel.row("client", "\(name): client CPU", "client_us", "µs", lowerIsBetter: true))
        }
    }

    private func pipelinedGets() throws {
        for callers in [16, 64, 256] {
            let duel = try Duel.run(
                rounds: rounds, ours: load("get", callers, redis.arguments, []), against: pipelined,
                load("get", callers, redis.arguments, []))
            try report.add(
                duel.row("client", "GET, \(callers) on the loop, to pipelined append", "ops_per_second", "/s"))
        }
    }

    private func add(
        _ operation: String, _ callers: Int, arguments: [String]? = nil, extra: [String] = [], label: String = "TCP"
    ) throws {
        let duel = try duel(operation, callers, arguments ?? redis.arguments, extra)
        let name = "\(operation.uppercased()), \(label), \(callers) on the loop"
        try report.add(duel.row("client", name, "ops_per_second", "/s"))
        try report.add(duel.row("client", "\(name): client CPU", "client_us", "µs", lowerIsBetter: true))
    }

    private func duel(
        _ operation: String, _ callers: Int, _ arguments: [String], _ extra: [String]
    ) throws -> Duel {
        let all = load(operation, callers, arguments, extra)
        return try Duel.run(rounds: rounds, ours: all, against: ceiling, all)
    }

    private func load(_ operation: String, _ callers: Int, _ arguments: [String], _ extra: [String]) -> [String] {
        ["--op", operation, "--callers", "\(callers)"] + arguments + common + extra
    }
}
