import HiredisClient
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

@Suite("Signals of models' ends in a Redis Cluster")
struct ClusterEndTests {
    @Test(
        "C8 A removal on the node that has the key is told on every other, replicas included", .timeLimit(.minutes(5)))
    func told() async throws {
        try await withRedisCluster { cluster in
            try await withCollections(cluster.nodes[...]) { collections in
                for master in cluster.masters.indices {
                    var isTold = false
                    // Redis loses a message where a link between two of its nodes is being made anew.
                    for _ in 0..<5 where !isTold {
                        isTold = try await isRemovalTold(
                            of: try await id(on: master, of: cluster), on: collections[master], to: collections)
                    }
                    #expect(isTold, "on master \(master)")
                }
            }
        }
    }

    @Test("C8 A scan of each master finds all models of the cluster, each once", .timeLimit(.minutes(2)))
    func scans() async throws {
        try await withRedisCluster { cluster in
            try await withCollections(cluster.masters[...]) { collections in
                var inserted: Set<ModelID> = []
                for _ in 0..<200 {
                    let id = ModelID.random()
                    let master = try await cluster.master(of: "test:models:\(id)")
                    _ = try await collections[master].insert(
                        NewModel(id: id, fields: []), expiry: Expiry(idle: .seconds(600)))
                    inserted.insert(id)
                }
                var found: [ModelID] = []
                for models in collections {
                    var cursor: PageCursor?
                    repeat {
                        let step = try await models.scan(after: cursor, limit: 50)
                        found += step.ids
                        cursor = step.next
                    } while cursor != nil
                }
                #expect(found.count == 200 && Set(found) == inserted)
            }
        }
    }

    /// Whether all collections are told of a removal within ten seconds.
    private func isRemovalTold(
        of id: ModelID, on models: RedisCollection, to collections: [RedisCollection]
    ) async throws -> Bool {
        let outcome = try await models.insert(NewModel(id: id, fields: []), expiry: Expiry(idle: .seconds(600)))
        #expect(outcome.commit?.revision == 1)
        let counts = collections.map { _ in Count() }
        let listeners = zip(collections, counts).map { listening, count in
            Task { for await signal in listening.endSignals(of: id) where signal == .told { count.add() } }
        }
        defer { for listener in listeners { listener.cancel() } }
        // First of what there is to listen to, then of the removal.
        try await waitUntil { counts.allSatisfy { $0.value >= 1 } }
        #expect(try await models.remove(id))
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            if counts.allSatisfy({ $0.value >= 2 }) { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    private final class Count: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }

    private func id(on master: Int, of cluster: RedisTestCluster) async throws -> ModelID {
        while true {
            let id = ModelID.random()
            if try await cluster.master(of: "test:models:\(id)") == master { return id }
        }
    }

    /// Runs `body` with a collection on each of some nodes.
    private func withCollections(
        _ nodes: ArraySlice<RedisTestServer>,
        _ collections: [RedisCollection] = [],
        _ body: ([RedisCollection]) async throws -> Void
    ) async throws {
        guard let node = nodes.first else { return try await body(collections) }
        try await withClient(url: node.url, configure: { $0.allowsReplica = true }) { client in
            let models = try RedisCollection(client: client, prefix: "test:", name: "models")
            try await withCollections(nodes.dropFirst(), collections + [models], body)
        }
    }
}
