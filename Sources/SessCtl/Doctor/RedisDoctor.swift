import FoundationEssentials
import HiredisClient
import Modeler
import RESP

/// The checks of Redis: of the server that is asked now, by Sentinel the master, in a cluster one of the masters.
struct RedisDoctor {
    let client: RedisClient
    let store: OperatedStore
    let sample: Int

    private var configuration: RedisConfiguration { client.configuration }

    func findings() async -> [Finding] {
        let reach = await reach()
        guard reach.status == .ok else { return [reach, transport()] }
        let information = await ServerInformation.read(client)
        return [reach, version(information), await role(), transport(), await user()]
            + [persistence(information), eviction(information)]
            + [await replicas(information)] + (await coverage()) + [await clock()]
            + [await DeadlineCheck(store: store, sample: sample).finding()]
    }

    private func reach() async -> Finding {
        do {
            try await client.ping()
            return Finding("reach", .ok, "\(configuration) answers")
        } catch {
            return Finding("reach", .failure, "\(configuration): \(error)")
        }
    }

    private func version(_ information: ServerInformation) -> Finding {
        guard let version = information["redis_version"] else {
            return Finding("version", .unknown, "the right to INFO is missing")
        }
        let name = information["valkey_version"].map { "Valkey \($0)" } ?? "Redis \(version)"
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        guard let major = numbers.first, major > 6 || major == 6 && (numbers.dropFirst().first ?? 0) >= 2 else {
            return Finding("version", .failure, "\(name); 6.2 or later is needed")
        }
        return Finding("version", .ok, name)
    }

    private func role() async -> Finding {
        switch await client.asking("ROLE") {
        case .answer(let reply):
            let role = reply.kind == .array && reply.count > 0 ? reply[0].string ?? "" : ""
            guard role != "master" else { return Finding("role", .ok, "a master") }
            return Finding("role", .failure, "it is no master but a \(role); sessions are written to a master")
        case .refused:
            return Finding(
                "role", .warning, "the right to ROLE is missing; a demoted master is noticed only when somebody writes")
        }
    }

    private func transport() -> Finding {
        guard let tls = configuration.tls else {
            if case .server(let address) = configuration.topology, address.isOnThisMachine {
                return Finding("tls", .ok, "none, on this machine")
            }
            return Finding("tls", .warning, "none; the password and all sessions go in plain text: rediss:// is right")
        }
        guard tls.verification != .insecureAcceptAnyCertificate else {
            return Finding("tls", .warning, "any certificate is accepted, so anybody between can read all")
        }
        return Finding("tls", .ok, tls.verification == .full ? "verified" : "verified, but for the server's name")
    }

    private func user() async -> Finding {
        switch await client.asking("ACL", "WHOAMI") {
        case .answer(let reply) where reply.string == "default":
            return Finding("acl", .warning, "the user is default, who may do all; sessctl acl prints the least rights")
        case .answer(let reply): return Finding("acl", .ok, "the user is \(reply.string ?? "")")
        // Who may not ask has not all rights.
        case .refused:
            return Finding("acl", .ok, "the user is \(configuration.username ?? "default"), with limited rights")
        }
    }

    private func persistence(_ information: ServerInformation) -> Finding {
        guard let log = information["aof_enabled"] else {
            return Finding("persistence", .unknown, "the right to INFO is missing")
        }
        if information["loading"] == "1" { return Finding("persistence", .failure, "it is loading its data") }
        if log == "1" {
            guard information["aof_last_write_status"] == "ok" else {
                return Finding("persistence", .failure, "the append-only file can't be written")
            }
            return Finding("persistence", .ok, "an append-only file")
        }
        return Finding(
            "persistence", .warning,
            "no append-only file; a restart loses sessions, or brings ended ones back: appendonly yes is right")
    }

    private func eviction(_ information: ServerInformation) -> Finding {
        guard let policy = information["maxmemory_policy"] else {
            return Finding("eviction", .unknown, "the right to INFO is missing")
        }
        guard policy == "noeviction" || policy == "volatile-ttl" else {
            return Finding(
                "eviction", .warning,
                "\(policy) may evict whose sessions are whose; noeviction or volatile-ttl is right")
        }
        let limit = information["maxmemory"] == "0" ? "without a limit of memory" : "within maxmemory"
        return Finding("eviction", .ok, "\(policy), \(limit)")
    }

    private func replicas(_ information: ServerInformation) async -> Finding {
        guard let count = information["connected_slaves"].flatMap({ Int($0) }) else {
            return Finding("replicas", .unknown, "the right to INFO is missing")
        }
        var wanted = 0
        if case .replicated(let minimum, _) = configuration.durability { wanted = minimum }
        guard count >= wanted else {
            return Finding("replicas", .failure, "\(count) connected; redis.replication.minimum is \(wanted)")
        }
        guard count > 0 else { return Finding("replicas", .ok, "none") }
        switch await client.asking("CONFIG", "GET", "min-replicas-to-write") {
        case .answer(let reply) where reply.count == 2 && reply[1].string == "0":
            return Finding(
                "replicas", .warning,
                "\(count) connected; with min-replicas-to-write 0 a master that is cut off takes writes that are lost")
        case .answer(let reply) where reply.count == 2:
            return Finding("replicas", .ok, "\(count) connected, min-replicas-to-write \(reply[1].string ?? "")")
        default:
            return Finding("replicas", .unknown, "\(count) connected; the right to CONFIG GET is missing")
        }
    }

    private func coverage() async -> [Finding] {
        guard case .cluster = configuration.topology else { return [] }
        guard case .answer(let reply) = await client.asking("CLUSTER", "INFO"), let text = reply.string else {
            return [Finding("coverage", .unknown, "the right to CLUSTER INFO is missing")]
        }
        let information = ServerInformation(text)
        let slots = information["cluster_slots_ok"] ?? "0"
        guard information["cluster_state"] == "ok", slots == "16384" else {
            return [Finding("coverage", .failure, "\(slots) of 16384 slots are served")]
        }
        return [Finding("coverage", .ok, "all slots are served, by \(information["cluster_size"] ?? "?") masters")]
    }

    private func clock() async -> Finding {
        let before = Timestamp(Date())
        guard case .answer(let reply) = await client.asking("TIME"), reply.count == 2,
            let seconds = reply[0].string.flatMap({ Int64($0) }), let micros = reply[1].string.flatMap({ Int64($0) })
        else { return Finding("clock", .unknown, "the right to TIME is missing") }
        let after = Timestamp(Date())
        let server = seconds * 1000 + micros / 1000
        let off = server < before.milliseconds ? before.milliseconds - server : max(0, server - after.milliseconds)
        guard off < 1000 else {
            return Finding(
                "clock", .warning,
                "it differs from this machine's by \(off) ms; sessions live by Redis's: mend the wrong one")
        }
        return Finding("clock", .ok, "as this machine's")
    }
}
