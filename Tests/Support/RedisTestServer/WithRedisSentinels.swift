import Foundation

/// A real master with replicas, and Sentinels that watch it as `mymaster`.
public struct RedisTestSentinels: Sendable {
    /// The master at first, then its replicas.
    public let servers: [RedisTestServer]
    public let sentinels: [RedisTestServer]

    /// `redis+sentinel://` with all Sentinels.
    public var url: String {
        "redis+sentinel://" + sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") + "/mymaster"
    }

    /// The port of the master that a Sentinel names.
    public func masterPort(by sentinel: Int = 0) async throws -> Int? {
        let reply = try await sentinels[sentinel].command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "mymaster")
        guard case .array(let parts) = reply, parts.count == 2 else { return nil }
        return parts[1].text.flatMap { Int($0) }
    }

    /// Waits until all Sentinels know one another and the replicas, and the replicas have their master's data.
    func settle() async throws {
        try await wait("the replicas follow") {
            for replica in servers.dropFirst() {
                let role = try await replica.command("INFO", "replication").text ?? ""
                guard role.contains("master_link_status:up") else { return false }
            }
            return true
        }
        try await wait("the Sentinels know one another") {
            for sentinel in sentinels {
                let known = try await sentinel.command("SENTINEL", "MASTER", "mymaster")
                guard case .array(let parts) = known else { return false }
                var details: [String: String] = [:]
                for index in stride(from: 0, to: parts.count - 1, by: 2) {
                    details[parts[index].text ?? ""] = parts[index + 1].text
                }
                guard details["num-other-sentinels"] == "\(sentinels.count - 1)",
                    details["num-slaves"] == "\(servers.count - 1)", details["flags"] == "master"
                else { return false }
            }
            return true
        }
    }

    private func wait(_ what: String, _ holds: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(40)
        while try await !holds() {
            guard ContinuousClock.now < end else { throw RawRedis.Failure(description: "not so: \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}

/// Runs `body` with a fresh master, its replicas and Sentinels, all of which are killed afterwards whatever happens.
///
/// - Parameter downAfter: After how many milliseconds of silence a Sentinel takes a server for down.
public func withRedisSentinels<Result>(
    replicas: Int = 2, sentinels count: Int = 3, downAfter: Int = 1_000, arguments: [String] = [],
    _ body: (RedisTestSentinels) async throws -> Result
) async throws -> Result {
    let master = try RedisTestServer(arguments: arguments + ["--repl-diskless-sync-delay", "0"])
    let others = try (0..<replicas).map { _ in
        try RedisTestServer(
            arguments: arguments + [
                "--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1 \(master.port)",
            ])
    }
    let settings = """
        sentinel monitor mymaster 127.0.0.1 \(master.port) \(count / 2 + 1)
        sentinel down-after-milliseconds mymaster \(downAfter)
        sentinel failover-timeout mymaster 4000

        """
    let watchers = try (0..<count).map { _ in
        try RedisTestServer(arguments: ["--sentinel"], settings: settings)
    }
    let all = [master] + others + watchers
    func end() async throws {
        for server in all {
            try await server.kill()
            server.removeDirectory()
        }
    }
    do {
        for server in all { try await server.start() }
        let system = RedisTestSentinels(servers: [master] + others, sentinels: watchers)
        try await system.settle()
        let result = try await body(system)
        try await end()
        return result
    } catch {
        try await end()
        throw error
    }
}
