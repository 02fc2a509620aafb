import Logging

/// Something about a server by which records may be lost, or be back when they were removed, and what to do about it.
struct ServerFinding: Sendable, Hashable {
    let level: Logger.Level
    let message: String

    /// All that is to be said of a server.
    static func all(of facts: ServerFacts, allowsReplica: Bool) -> [ServerFinding] {
        [
            version(facts), role(facts, allowsReplica: allowsReplica), persistence(facts), eviction(facts),
            isolation(facts), coverage(facts), replicas(facts),
        ].compactMap { $0 }
    }

    private static func version(_ facts: ServerFacts) -> ServerFinding? {
        guard let text = facts["redis_version"] else { return nil }
        let parts = text.split(separator: ".").compactMap { Int($0) }
        guard parts.count >= 2, (parts[0], parts[1]) < (6, 2) else { return nil }
        return ServerFinding(
            level: .warning,
            message: "Redis \(text) is older than any that this client is tested with. Use 6.2 or later")
    }

    private static func role(_ facts: ServerFacts, allowsReplica: Bool) -> ServerFinding? {
        guard facts["role"] == "slave", !allowsReplica else { return nil }
        return ServerFinding(
            level: .warning,
            message: "the server is a replica, which refuses writes and may answer what is old. Connect to its master")
    }

    private static func persistence(_ facts: ServerFacts) -> ServerFinding? {
        guard facts["aof_enabled"] == "0" else { return nil }
        return ServerFinding(
            level: .notice,
            message: """
                Redis writes no append-only file: when it is restarted, what came after its last snapshot is lost, \
                removals too. Set appendonly to yes
                """)
    }

    private static func eviction(_ facts: ServerFacts) -> ServerFinding? {
        // By volatile-ttl what is known of an owner, which outlives the records by an hour, goes after all of them.
        guard let policy = facts["maxmemory_policy"], policy != "noeviction", policy != "volatile-ttl" else {
            return nil
        }
        return ServerFinding(
            level: .warning,
            message: """
                maxmemory-policy is \(policy), by which Redis may evict records, and what it knows of their owners: \
                a revocation then ends a record that it has lost only at the record's next check, and not at all \
                once the owner's epoch is evicted too. Set maxmemory-policy to noeviction or volatile-ttl
                """)
    }

    private static func isolation(_ facts: ServerFacts) -> ServerFinding? {
        // A server of which replicas are required says how many are good.
        guard facts["role"] == "master", let count = facts.integer("connected_slaves"), count > 0,
            facts["min_slaves_good_slaves"] == nil
        else { return nil }
        return ServerFinding(
            level: .warning,
            message: """
                min-replicas-to-write is 0: a master that is cut off from its replicas takes removals and other \
                writes that are lost when one of those is promoted. Set min-replicas-to-write to 1 and \
                min-replicas-max-lag to 10 or less
                """)
    }

    private static func coverage(_ facts: ServerFacts) -> ServerFinding? {
        guard facts.requiresFullCoverage == true else { return nil }
        return ServerFinding(
            level: .warning,
            message: """
                cluster-require-full-coverage is yes: while one master is down, all others refuse their keys too. \
                Set it to no
                """)
    }

    private static func replicas(_ facts: ServerFacts) -> ServerFinding? {
        guard facts["cluster_enabled"] == "1", facts["role"] == "master", facts.integer("connected_slaves") == 0 else {
            return nil
        }
        return ServerFinding(
            level: .warning,
            message: "a master of the cluster has no replica: its keys are lost with it. Give each master a replica")
    }
}
