import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

/// Removals in a real cluster of which the replica that is promoted hasn't heard.
@Suite struct ClusterRemovalTests {
    @Test("D7 What was removed before a replica that lags is promoted doesn't stay back")
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
                let (master, replica) = (cluster.masters[0], cluster.replicas[0])
                _ = try await master.commands([["SET", tag(first[0]), "1"], ["WAIT", "1", "5000"]])
                // It can't connect again.
                try await replica.command("CONFIG", "SET", "masterauth", "wrong")
                try await master.command("CLIENT", "KILL", "TYPE", "replica")
                for id in first.prefix(40) + others.prefix(40) { #expect(try await sessions.remove(id)) }
                try await replica.command("CLUSTER", "FAILOVER", "TAKEOVER")
                let stale = try await replica.command("EXISTS", "t:sessions:\(first[0])").integer
                #expect(stale == 1)

                // It is noticed by the first command on one of its keys.
                #expect(try await sessions.fetch(first[60]) != nil)
                for id in first.prefix(40) {
                    try await waitUntil { try await replica.command("EXISTS", "t:sessions:\(id)").integer == 0 }
                }
                let rest = try await sessions.fetch(Array(first.dropFirst(40) + others.dropFirst(40)))
                #expect(rest.allSatisfy { $0 != nil })
            }
        }
    }

    /// A key in the slot of a model's record.
    private func tag(_ id: ModelID) -> String { "{t:sessions:\(id)}" }
}
