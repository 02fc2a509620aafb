import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Signals of models' ends in a Redis Cluster")
struct ClusterEndTests {
    @Test(
        "C8 A removal on the node that has the key is told on every other, replicas included", .timeLimit(.minutes(2)))
    func told() async throws {
        try await withRedisCluster { cluster in
            try await withCollections(cluster.nodes[...]) { collections in
                for master in cluster.masters.indices {
                    let id = try await id(on: master, of: cluster)
                    let models = collections[master]
                    let outcome = try await models.insert(
                        NewModel(id: id, fields: []), expiry: Expiry(idle: .seconds(600)))
                    #expect(outcome.commit?.revision == 1)
                    var signals = collections.map { $0.endSignals(of: id).makeAsyncIterator() }
                    for index in signals.indices { #expect(await signals[index].next() == .told) }
                    #expect(try await models.remove(id))
                    // The time limit ends the wait for one that isn't told.
                    for index in signals.indices { #expect(await signals[index].next() == .told) }
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
