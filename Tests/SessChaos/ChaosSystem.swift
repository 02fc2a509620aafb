import HiredisClient
import Logging
import Modeler
import ModelerRedis
import RedisTestServer

/// Servers on which faults are inflicted, and the collections of a site that uses them.
protocol ChaosSystem: Sendable {
    /// Those of two servers of the site.
    var collections: [RedisCollection] { get }

    /// The kinds of faults there are; one that is there twice is twice as frequent.
    var kinds: [ChaosFault.Kind] { get }

    /// How soon, once the servers can serve again after a fault, all that is asked of them has to succeed.
    func recoveryBound(after kind: ChaosFault.Kind) -> Duration

    /// Whether removals that were acknowledged in a failover hold afterwards.
    var replaysRemovals: Bool { get }

    /// Models that are on every server that serves some.
    var probes: [ModelID] { get }

    /// Inflicts a fault, and returns on whom, once the servers can serve again.
    func inflict(_ fault: ChaosFault) async throws -> String

    /// Repairs what a fault has left, and returns once every replica has its master's data and all agree on who is a
    /// master.
    func settle() async throws

    /// The masters, by port. They are others after a failover.
    func masters() async throws -> [Int]

    /// Returns once all that was written before the call is on all replicas.
    ///
    /// - Throws: When it isn't within some seconds.
    func replicate() async throws
}

/// What the servers of a system did not do; no fault of the library.
struct SystemFailure: Error, CustomStringConvertible {
    let description: String
}

/// Runs `body` with a client that is shut down afterwards.
func withChaosClient<Result>(
    url: String, _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    var configuration = try RedisConfiguration(url: url)
    configuration.logger.logLevel = .critical
    let client = try RedisClient(configuration: configuration)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

/// Runs `body` with two collections, each on a client of its own.
func withChaosCollections<Result>(
    urls: (String, String), _ body: ([RedisCollection]) async throws -> Result
) async throws -> Result {
    try await withChaosClient(url: urls.0) { first in
        try await withChaosClient(url: urls.1) { second in
            try await body(
                try [first, second].map { try RedisCollection(client: $0, prefix: "chaos:", name: "models") })
        }
    }
}

/// Waits until nothing is amiss any more.
///
/// - Throws: What still is amiss after 20 seconds.
func waitUntilSound(_ problem: () async throws -> String?) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while true {
        let found: String?
        do { found = try await problem() } catch { found = "\(error)" }
        guard let found else { return }
        guard ContinuousClock.now < end else { throw SystemFailure(description: "20 s long: \(found)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}

extension RedisTestServer {
    /// The details that INFO tells of replication.
    func replication() async throws -> [String: String] {
        let text = try await command("INFO", "replication").text ?? ""
        let pairs = text.split(whereSeparator: \.isNewline).compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Writes to this master, and returns once that is on its replicas, and with it all that was written before.
    func replicate(_ key: String, to replicas: Int) async throws {
        let replies = try await commands([["SET", key, "1"], ["WAIT", "\(replicas)", "5000"]])
        guard let count = replies[1].integer, count >= replicas else {
            throw SystemFailure(description: "replicas lag behind: \(replies)")
        }
    }
}
