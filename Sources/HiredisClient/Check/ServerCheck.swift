import Logging
import RESP
import Synchronization

/// Asks the servers once how they are set, beside all else, and logs each finding with its remedy. Nothing waits for
/// it, and nothing fails by it. Thread-safe.
package final class ServerCheck: Sendable {
    private let begun = Atomic(false)
    private let over = Atomic(false)

    /// Whether anybody has asked.
    package var isBegun: Bool { begun.load(ordering: .relaxed) }

    /// Whether all is known, or can't be.
    package var isOver: Bool { over.load(ordering: .acquiring) }

    /// Asks, unless somebody has.
    func begin(_ client: RedisClient) {
        guard !isBegun, client.configuration.checksServer, !begun.exchange(true, ordering: .relaxed) else { return }
        Task { [weak client] in
            // Until there is a connection.
            while await client?.checkServers() == false { try? await Task.sleep(for: .seconds(1)) }
            self.over.store(true, ordering: .releasing)
        }
    }
}

extension RedisClient {
    /// Begins the check of the servers' settings, unless it was begun or is turned off.
    @inline(__always)
    package func beginServerCheck() { if !serverCheck.isBegun { serverCheck.begin(self) } }

    /// - Returns: Whether that is over: not while a server doesn't answer.
    fileprivate func checkServers() async -> Bool {
        do throws(RedisError) {
            // A cluster's nodes, or a Sentinel's master, are known once there is an answer.
            try await ping()
            report(try await findings())
            return true
        } catch {
            return error.code == .shutDown
        }
    }

    /// All findings, each with the servers that it concerns.
    private func findings() async throws(RedisError) -> [ServerFinding: [RedisNode]] {
        var findings: [ServerFinding: [RedisNode]] = [:]
        let masters = cluster?.masters?.nodes
        let nodes = if let masters { masters } else { [try router.node(for: Self.pingRequest)] }
        for node in nodes {
            let facts = try await facts(of: node)
            for finding in ServerFinding.all(of: facts, allowsReplica: configuration.allowsReplica) {
                findings[finding, default: []].append(node)
            }
        }
        return findings
    }

    private func report(_ findings: [ServerFinding: [RedisNode]]) {
        for (finding, nodes) in findings.sorted(by: { $0.key.message < $1.key.message }) {
            let servers = nodes.map { configuration.description(of: $0.endpoint.address) }.joined(separator: ", ")
            configuration.logger.log(
                level: finding.level, "\(finding.message)", metadata: ["redis_server": "\(servers)"])
        }
    }

    private func facts(of node: RedisNode) async throws(RedisError) -> ServerFacts {
        var facts = ServerFacts()
        if let text = try await answer(of: node, "INFO")?.string {
            facts = ServerFacts(information: text)
        } else {
            facts["maxmemory_policy"] = try await setting("maxmemory-policy", of: node)
            facts["aof_enabled"] = try await setting("appendonly", of: node).map { $0 == "no" ? "0" : "1" }
        }
        // Asked only where it matters, as a server logs what it refuses.
        if facts["cluster_enabled"] == "1" {
            let coverage = try await setting("cluster-require-full-coverage", of: node)
            facts.requiresFullCoverage = coverage.map { $0 == "yes" }
        }
        return facts
    }

    private func setting(_ name: String, of node: RedisNode) async throws(RedisError) -> String? {
        guard let reply = try await answer(of: node, "CONFIG", "GET", name), reply.kind == .array, reply.count == 2
        else { return nil }
        return reply[1].string
    }

    /// What the server answers; `nil` where it refuses.
    private func answer(of node: RedisNode, _ command: String...) async throws(RedisError) -> RESPReply? {
        let request = RESPRequest.build { encoder in
            encoder.command(argumentCount: command.count)
            for argument in command { encoder.argument(argument) }
        }
        let replies = try await node.link().perform(request, timeout: defaultTimeout, retry: .always).get()
        guard let error = replies.firstError else { return replies.reply }
        let failure = RedisError(reply: error)
        switch failure.code.serverErrorKind {
        case .noPermission, .other: return nil
        default: throw failure
        }
    }
}
