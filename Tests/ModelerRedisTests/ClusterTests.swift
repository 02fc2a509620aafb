import Modeler
import ModelerTesting
import RedisTestServer
import Testing

@testable import HiredisClient
@testable import ModelerRedis

@Suite("The collection in a Redis Cluster")
struct ClusterTests {
    private let expiry = Expiry(idle: .seconds(600))

    @Test("D7 Contract", .timeLimit(.minutes(5)))
    func conforms() async throws {
        try await withRedisCluster { cluster in
            try await withClient(url: cluster.url) { client in
                await runSideBySide(
                    CollectionConformance.checks + CollectionConformance.ownershipChecks
                        + CollectionConformance.scanChecks + CollectionConformance.ownerScanChecks,
                    on: store(client))
                await runSideBySide(CollectionConformance.listingChecks, on: store(client, listing: true))
            }
        }
    }

    private func store(_ client: RedisClient, listing: Bool = false) -> CollectionUnderTest {
        CollectionUnderTest(timeUnit: .seconds(1)) { hooks in
            try RedisCollection(
                client: client, prefix: "\(ModelID.random()):", name: "models", hooks: hooks, listing: listing)
        }
    }

    @Test("D7 Slots move there and back under load, and scripts are forgotten: nothing fails, and all is applied once")
    func moves() async throws {
        try await withRedisCluster { cluster in
            try await withClient(url: cluster.url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                let moved = TestScale.count(150, full: 4_000)
                let ids = ids(in: 0..<moved, count: 24) + (0..<8).map { _ in ModelID.random() }
                for id in ids { _ = try await models.insert(NewModel(id: id, fields: []), expiry: expiry) }
                let isDone = Latch()
                let counts = try await withThrowingTaskGroup(of: (ModelID, Int)?.self) { group in
                    for id in ids {
                        group.addTask {
                            var count = 0
                            while !isDone.isSet {
                                let outcome = try await models.commit(Change([.init("n", .increment(by: 1))]), to: id)
                                count += 1
                                #expect(
                                    outcome.commit?.values.first?.value
                                        == EncodedJSON(unchecked: Array("\(count)".utf8)[...]))
                            }
                            return (id, count)
                        }
                    }
                    group.addTask {
                        while !isDone.isSet {
                            let found = try await models.fetch(ids)
                            #expect(found.map { $0?.id } == ids)
                        }
                        return nil
                    }
                    group.addTask {
                        while !isDone.isSet {
                            for master in cluster.masters { try await master.command("SCRIPT", "FLUSH") }
                            try await Task.sleep(for: .milliseconds(10))
                        }
                        return nil
                    }
                    defer { isDone.set() }
                    try await cluster.move(0..<moved, from: 0, to: 1)
                    try await cluster.move(0..<moved, from: 1, to: 0)
                    isDone.set()
                    var counts: [ModelID: Int] = [:]
                    for try await case let (id, count)? in group { counts[id] = count }
                    return counts
                }
                for id in ids {
                    let count = counts[id] ?? 0
                    #expect(count > 0)
                    #expect(try await models.fetch(id)?.revision == count + 1)
                }
            }
        }
    }

    @Test("D7 A model whose slot is on its way is read, changed, listed among others and removed")
    func onItsWay() async throws {
        try await withRedisCluster { cluster in
            try await withClient(url: cluster.url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                let ids = ids(in: 0..<1, count: 2)
                for id in ids { _ = try await models.insert(NewModel(id: id, fields: []), expiry: expiry) }
                let (source, target) = (cluster.masters[0], cluster.masters[1])
                try await cluster.moveKeys(of: "0", from: source, to: target)
                for count in 2...4 {
                    let outcome = try await models.commit(Change([.init("n", .increment(by: 1))]), to: ids[0])
                    #expect(outcome.commit?.revision == count)
                    #expect(try await models.fetch(ids[0])?.revision == count)
                    #expect(try await models.fetch(ids).map { $0?.revision } == [count, 1])
                }
                #expect(try await models.remove(ids[1]))
                // The target serves nothing of the slot without.
                let statistics = try await target.command("INFO", "commandstats").text ?? ""
                #expect(statistics.contains("cmdstat_asking:"))
                try await cluster.move(0..<1, from: 0, to: 1)
                #expect(try await models.fetch(ids).map { $0?.revision } == [4, nil])
            }
        }
    }

    /// Ids whose records are in some slots.
    private func ids(in slots: Range<Int>, count: Int) -> [ModelID] {
        var ids: [ModelID] = []
        while ids.count < count {
            let id = ModelID.random()
            let slot = Array("test:models:\(id)".utf8).withUnsafeBytes { HashSlot(key: $0) }
            if slots.contains(Int(slot.number)) { ids.append(id) }
        }
        return ids
    }

    @Test("D7 A scan finds all models and owners of all masters, also when slots move to where it has been")
    func scans() async throws {
        try await withRedisCluster { cluster in
            try await withClient(url: cluster.url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                var inserted: Set<ModelID> = []
                for id in ids(in: 0..<16_384, count: 200) + ids(in: 10_923..<10_943, count: 20)
                    + ids(in: 0..<20, count: 20)
                {
                    _ = try await models.insert(NewModel(id: id, fields: []), expiry: expiry)
                    inserted.insert(id)
                }
                let owners = try (0..<30).map { try OwnerID("owner \($0)") }
                for owner in owners { _ = try await models.advanceEpoch(of: owner) }
                for slotsMove in [false, true] {
                    var found: (ids: Set<ModelID>, owners: Set<OwnerID>) = ([], [])
                    var cursor: PageCursor?
                    var masters: Set<Substring> = []
                    repeat {
                        let step = try await models.scan(after: cursor, limit: 20)
                        found.ids.formUnion(step.ids)
                        found.owners.formUnion(step.owners)
                        cursor = step.next
                        let master = cursor?.rawValue.split(separator: "@").last
                        if let master, masters.insert(master).inserted, slotsMove, masters.count == 2 {
                            // One of them to where the scan has been, whichever master it began with.
                            try await cluster.move(10_923..<10_943, from: 2, to: 0)
                            try await cluster.move(0..<20, from: 0, to: 2)
                        }
                    } while cursor != nil
                    #expect(found.ids == inserted && found.owners == Set(owners))
                }
            }
        }
    }

    @Test("D7 Ends are told, wherever the model is", .timeLimit(.minutes(2)))
    func ends() async throws {
        try await withRedisCluster { cluster in
            try await withClient(url: cluster.url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                for first in [0, 6_000, 12_000] {
                    let id = ids(in: first..<(first + 100), count: 1)[0]
                    _ = try await models.insert(NewModel(id: id, fields: []), expiry: expiry)
                    var signals = models.endSignals(of: id).makeAsyncIterator()
                    #expect(await signals.next() == .told)
                    #expect(try await models.remove(id))
                    #expect(await signals.next() == .told)
                }
            }
        }
    }

    @Test("D7 A record that names another id is refused, and costs no connection")
    func foreign() async throws {
        try await withRedisCluster { cluster in
            try await withClient(url: cluster.url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                let pair = ids(in: 5..<6, count: 2)
                _ = try await models.insert(NewModel(id: pair[0], fields: []), expiry: expiry)
                try await cluster.masters[0].command("COPY", "test:models:\(pair[0])", "test:models:\(pair[1])")
                let error = await #expect(throws: ModelError.self) { try await models.fetch(pair[1]) }
                #expect(error?.code == .unreadable)
                #expect(try await models.fetch(pair[0])?.id == pair[0])
            }
        }
    }
}
