import HiredisClient
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

/// The store over a master that Sentinels name.
@Suite struct SentinelTests {
    private func withSessions<Result>(
        _ system: RedisTestSentinels, _ body: (RedisCollection) async throws -> Result
    ) async throws -> Result {
        try await withClient(url: system.url) {
            $0.connectTimeout = .seconds(1)
            $0.roleCheckInterval = .milliseconds(1)
        } _: { client in
            try await body(try RedisCollection(client: client, prefix: "t:", name: "sessions"))
        }
    }

    private func model(_ id: ModelID) -> NewModel {
        NewModel(id: id, fields: [(name: "name", value: EncodedJSON(text: "1"))])
    }

    /// Writes to each of some models while a planned failover goes on, and then checks the new master.
    private func failOver(
        count: Int = TestScale.count(200, full: 1_000), _ write: (RedisCollection, ModelID) async throws -> Void,
        check: (RedisCollection, [ModelID], RedisTestServer) async throws -> Void
    ) async throws {
        try await withRedisSentinels { system in
            try await withSessions(system) { sessions in
                let ids = (0..<count).map { ModelID(unchecked: "s\($0)") }
                for id in ids + [ModelID(unchecked: "other")] {
                    _ = try await sessions.insert(model(id), expiry: .never)
                }
                let old = system.servers[0]
                try await old.command("WAIT", "2", "5000")
                try await system.sentinels[0].command("SENTINEL", "FAILOVER", "mymaster")
                for id in ids {
                    try await write(sessions, id)
                    try await Task.sleep(for: .milliseconds(1_600 / count))
                }
                try await waitUntil { try await system.masterPort() != old.port }
                let port = try await system.masterPort()
                let master = try #require(system.servers.first { $0.port == port })
                try await check(sessions, ids, master)
            }
        }
    }

    /// A sign-in or a rotation replaces the token; where the new master lacks that, the token before must not be good.
    @Test("D6 A token that was replaced while a planned failover went on isn't good on the new master")
    func rotations() async throws {
        try await failOver { sessions, id in
            var change = Change([.init("token", .set(EncodedJSON(text: "\"new\"")))])
            change.needsConfirmation = true
            _ = try await sessions.commit(change, to: id)
        } check: { sessions, ids, master in
            for id in ids {
                try await waitUntil {
                    let isThere = try await master.command("EXISTS", "t:sessions:\(id)").integer == 1
                    let token = try await master.command("HGET", "t:sessions:\(id)", "token").text
                    return !isThere || token?.hasSuffix(":\"new\"") == true
                }
            }
            #expect(try await sessions.fetch(ModelID(unchecked: "other")) != nil)
        }
    }

    @Test("D6 The epochs that owners got while a planned failover went on are theirs on the new master")
    func epochs() async throws {
        let epochs = Mutex<[ModelID: OwnerEpoch]>([:])
        try await failOver { sessions, id in
            let known = try await sessions.advanceEpoch(of: OwnerID("\(id)"))
            epochs.withLock { $0[id] = known.epoch }
        } check: { sessions, ids, master in
            for id in ids {
                let epoch = try #require(epochs.withLock { $0[id] })
                let key = sessions.keys.owner(try OwnerID("\(id)"))
                try await waitUntil {
                    let score = try await master.command("ZSCORE", key, "@").text.flatMap { Double($0) }
                    return score.map { Int(-$0) >= epoch } ?? false
                }
            }
        }
    }

    /// The master that is promoted lacks what the former one acknowledged in the last second or more.
    @Test("D6 What was removed while a planned failover went on doesn't come back with the new master")
    func removals() async throws {
        let count = TestScale.count(200, full: 1_000)
        try await withRedisSentinels { system in
            try await withSessions(system) { sessions in
                let ids = (0..<count).map { ModelID(unchecked: "s\($0)") }
                for id in ids { _ = try await sessions.insert(model(id), expiry: .never) }
                let old = system.servers[0]
                try await old.command("WAIT", "2", "5000")
                try await system.sentinels[0].command("SENTINEL", "FAILOVER", "mymaster")
                for id in ids {
                    _ = try await sessions.remove(id)
                    try await Task.sleep(for: .milliseconds(1_600 / count))
                }
                try await waitUntil { try await system.masterPort() != old.port }
                let port = try await system.masterPort()
                let master = system.servers.first { $0.port == port }
                try await waitUntil {
                    try await master?.command("EXISTS", "t:sessions:s0").integer == 0
                }
                // The client has moved on by now, and with it what it removed.
                #expect(try await sessions.fetch(ids).allSatisfy { $0 == nil })
                var left = 0
                for id in ids {
                    left += try await master?.command("EXISTS", "t:sessions:\(id)").integer ?? 1
                }
                #expect(left == 0)
            }
        }
    }
}
