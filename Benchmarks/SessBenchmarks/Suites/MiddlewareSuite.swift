import Foundation

/// Hummingbird with sessions against Hummingbird alone, each a process of its own, asked by wrk in turns.
struct MiddlewareSuite {
    private let redis: BenchmarkRedis
    private let report: Report
    private let options: Options
    private let rounds: Int

    private struct Server {
        let process: Process
        let port: Int
        let cookies: String
    }

    init(_ options: Options, _ report: Report) {
        redis = BenchmarkRedis(options)
        self.report = report
        self.options = options
        rounds = options.number("rounds", 3)
    }

    func run() async throws {
        for (label, flags) in [("handlers on the loop", []), ("Hummingbird as it comes", ["--plain-server"])] {
            let servers = try await start(flags, offset: flags.isEmpty ? 0 : 3)
            defer { for server in servers { server.process.terminate() } }
            let (plain, memory, stored) = (servers[0], servers[1], servers[2])
            let onLoop = flags.isEmpty
            try compare("\(label): memory, read-only", memory, plain, "read", rate: onLoop ? 0.95 : nil, cpu: nil)
            try compare(
                "\(label): Redis, read-only", stored, plain, "read", rate: onLoop ? 0.85 : nil,
                cpu: onLoop ? 0.18 : nil)
            try compare("\(label): memory, increment", memory, plain, "increment", rate: nil, cpu: nil)
            try compare(
                "\(label): Redis, increment", stored, plain, "increment", rate: onLoop ? 0.75 : nil,
                cpu: onLoop ? 0.33 : nil)
        }
    }

    /// Middler beside Hummingbird, with the same handlers.
    func runMiddler() async throws {
        let ours = try await start(["--middler"], offset: 6)
        defer { for server in ours { server.process.terminate() } }
        for (label, flags) in [("with handlers on the loop", []), ("as it comes", ["--plain-server"])] {
            let theirs = try await start(flags, offset: flags.isEmpty ? 9 : 12)
            defer { for server in theirs { server.process.terminate() } }
            let requests = [
                ("no sessions", 0, "read"), ("memory, read-only", 1, "read"), ("Redis, read-only", 2, "read"),
                ("Redis, increment", 2, "increment"),
            ]
            for (name, index, path) in requests {
                let results = try turns(ours[index], theirs[index], path)
                try report.add(
                    .alternating(
                        "middler", "beside Hummingbird \(label): \(name)", "/s", ours: results.ours.map(\.rate),
                        ceiling: results.plain.map(\.rate)))
                try report.add(
                    .alternating(
                        "middler", "beside Hummingbird \(label): \(name): CPU", "µs", ours: results.ours.map(\.cpu),
                        ceiling: results.plain.map(\.cpu), lowerIsBetter: true))
            }
        }
    }

    /// A server without sessions, one with sessions in memory, one with sessions in Redis.
    private func start(_ flags: [String], offset: Int) async throws -> [Server] {
        let kinds = [[], ["--session", "--memory"], ["--session"]]
        let base = options.number("web-port", 20000)
        var servers: [Server] = []
        for (index, kind) in kinds.enumerated() {
            let port = base + index + offset
            let cookies = options.text("scratch", ".") + "/cookies-\(index + offset)"
            let (process, _) = try Child.start(
                Child.own,
                ["server", "--port", "\(port)", "--redis", "\(redis.port)", "--cookies", cookies] + kind + flags)
            servers.append(Server(process: process, port: port, cookies: cookies))
        }
        try await Task.sleep(for: .seconds(2))
        for server in servers { _ = try load(server, "read") }
        return servers
    }

    private func compare(
        _ name: String, _ ours: Server, _ plain: Server, _ path: String, rate: Double?, cpu: Double?
    ) throws {
        let results = try turns(ours, plain, path)
        try report.add(
            .alternating(
                "middleware", name, "/s", ours: results.ours.map(\.rate), ceiling: results.plain.map(\.rate),
                goal: rate))
        try report.add(
            .alternating(
                "middleware", "\(name): CPU added, to the plain request's", "µs",
                ours: zip(results.ours, results.plain).map { $0.cpu - $1.cpu }, ceiling: results.plain.map(\.cpu),
                goal: cpu, lowerIsBetter: true))
    }

    private func turns(
        _ ours: Server, _ plain: Server, _ path: String
    ) throws -> (ours: [Result], plain: [Result]) {
        var results: (ours: [Result], plain: [Result]) = ([], [])
        for round in 0..<rounds {
            if round.isMultiple(of: 2) { results.plain.append(try load(plain, path)) }
            results.ours.append(try load(ours, path))
            if !round.isMultiple(of: 2) { results.plain.append(try load(plain, path)) }
        }
        return results
    }

    private struct Result {
        var rate: Double
        /// The server's CPU for one request, in microseconds.
        var cpu: Double
    }

    private func load(_ server: Server, _ path: String) throws -> Result {
        let pid = Int(server.process.processIdentifier)
        let start = Reading.cpu(of: pid)
        let text = try Child.output(
            "wrk",
            [
                "-t1", "-c64", "-d\(max(1, Int(options.text("seconds")) ?? 1))s", "-s", options.text("wrk-script"),
                "http://127.0.0.1:\(server.port)/\(path)", "--", server.cookies,
            ])
        let cpu = Reading.cpu(of: pid) - start
        guard !text.contains("Non-2xx"), let rate = Self.number(after: "Requests/sec:", in: text),
            let line = text.split(separator: "\n").first(where: { $0.contains(" requests in ") }),
            let count = line.split(separator: " ").first.flatMap({ Double($0) })
        else { throw Failure("wrk says: \(text)") }
        return Result(rate: rate, cpu: Double(cpu) / 1e3 / count)
    }

    private static func number(after label: String, in text: String) -> Double? {
        guard let range = text.range(of: label) else { return nil }
        return text[range.upperBound...].split(whereSeparator: \.isWhitespace).first.flatMap { Double($0) }
    }
}
