import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

/// Removals in a real cluster of which the replica that is promoted hasn't heard.
@Suite struct ClusterRemovalTests {
    @Test("D7 What was removed, replaced or revoked before a replica that lags is promoted doesn't stay back")
    func promotion() async throws {
        try await withRedisCluster { cluster in
            try await withClient(url: cluster.url) { client in
                let sessions = try RedisCollection(client: client, prefix: "t:", name: "sessions")
                var (first, others): ([ModelID], [ModelID]) = ([], [])
                for number in 0..<300 {
                    let id = ModelID(unchecked: "s\(number)")
                    if try await cluster.master(of: "t:sessions:\(id)") == 0 {
                        first.append(id)
                    } else {
                        others.append(id)
                    }
                    _ = try await sessions.insert(
                        NewModel(id: id, fields: [(name: "a", value: EncodedJSON(text: "1"))]), expiry: .never)
                }
                let owner = try await ownerOnFirst(sessions, cluster)
                let (master, replica) = (cluster.masters[0], cluster.replicas[0])
                _ = try await master.commands([["SET", tag(first[0]), "1"], ["WAIT", "1", "5000"]])
                // It can't connect again.
                try await replica.command("CONFIG", "SET", "masterauth", "wrong")
                try await master.command("CLIENT", "KILL", "TYPE", "replica")
                for id in first.prefix(40) + others.prefix(40) { #expect(try await sessions.remove(id)) }
                for id in first[40..<50] + others[40..<50] {
                    var change = Change([.init("a", .set(EncodedJSON(text: "2")))])
                    change.needsConfirmation = true
                    #expect(try await sessions.commit(change, to: id).commit?.revision == 2)
                }
                let known = try await sessions.advanceEpoch(of: owner)
                try await replica.command("CLUSTER", "FAILOVER", "TAKEOVER")
                let stale = try await replica.command("EXISTS", "t:sessions:\(first[0])").integer
                #expect(stale == 1)

                // It is noticed by the first command on one of its keys.
                #expect(try await sessions.fetch(first[60]) != nil)
                for id in first.prefix(50) {
                    try await waitUntil { try await replica.command("EXISTS", "t:sessions:\(id)").integer == 0 }
                }
                let rest = try await sessions.fetch(Array(first.dropFirst(50) + others.dropFirst(40)))
                #expect(rest.allSatisfy { $0 != nil })
                try await waitUntil { try await sessions.ownership(of: owner).epoch >= known.epoch }
            }
        }
    }

    private func ownerOnFirst(_ sessions: RedisCollection, _ cluster: RedisTestCluster) async throws -> OwnerID {
        for number in 0..<1_000 {
            let owner = try OwnerID("u\(number)")
            if try await cluster.master(of: sessions.keys.owner(owner)) == 0 { return owner }
        }
        throw CancellationError()
    }

    /// A key in the slot of a model's record.
    private func tag(_ id: ModelID) -> String { "{t:sessions:\(id)}" }
}
