import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

/// A master that takes no writes, as too few replicas are connected.
@Suite struct NoReplicasTests {
    private func setMinimum(_ count: Int, _ server: RedisTestServer) async throws {
        try await server.command("CONFIG", "SET", "min-replicas-to-write", "\(count)")
    }

    @Test("D12 A removal that the master refuses for want of replicas counts, unconfirmed, and is made up for")
    func removal() async throws {
        try await withCollection { models, server in
            for number in 1...3 {
                _ = try await models.insert(NewModel(id: ModelID(number), fields: []), expiry: .never)
            }
            let (id, key) = (ModelID(1), "test:models:1")
            var signals = models.endSignals(of: id).makeAsyncIterator()
            #expect(await signals.next() == .told)
            try await setMinimum(1, server)
            let outcome = try await models.remove(id, expecting: .nothing)
            #expect(outcome.confirmation == .unconfirmed)
            // This client finds it no more, and removes it once.
            #expect(try await models.fetch(id) == nil)
            #expect(try await models.fetch([id, ModelID(2)]).map { $0?.id } == [nil, ModelID(2)])
            #expect(try await models.commit(Change([.init("n", .increment(by: 1))]), to: id).isGone)
            #expect(try await models.remove(id, expecting: .nothing).isGone)
            #expect(try await server.command("EXISTS", key).integer == 1)

            try await setMinimum(0, server)
            try await waitUntil { try await server.command("EXISTS", key).integer == 0 }
            // By its script, which tells.
            #expect(await signals.next() == .told)
            try await waitUntil { !models.client.hasPendingWrites }
            _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
            #expect(try await models.fetch(id) != nil)
        }
    }

    @Test("D12 A removal that expects something, or of what isn't there, is refused as every write is")
    func refused() async throws {
        try await withCollection { models, server in
            _ = try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
            try await setMinimum(1, server)
            for (id, expectation) in [(ModelID(1), Change.Expectation.revision(1)), (ModelID(2), .nothing)] {
                let error = await #expect(throws: ModelError.self) {
                    try await models.remove(id, expecting: expectation)
                }
                #expect(error?.code == .unavailable)
            }
            #expect(!models.client.hasPendingWrites)
            #expect(try await models.fetch(ModelID(1)) != nil)
        }
    }

    @Test(
        "With fenced reads a master that takes no writes isn't read for longer than a second", arguments: [true, false])
    func fence(isFenced: Bool) async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url, configure: { $0.fencedReads = isFenced }) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                _ = try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
                let begin = ContinuousClock.now
                for _ in 0..<200 { #expect(try await models.fetch(ModelID(1)) != nil) }
                for _ in 0..<200 { #expect(try await models.fetch([ModelID(1), ModelID(2)]).count == 2) }
                let seconds = Int((ContinuousClock.now - begin) / .seconds(1))
                let evaluations = try await calls("eval", server)
                // One is the source of the script that inserts.
                #expect(isFenced ? (2...(2 + seconds)).contains(evaluations) : evaluations == 1)

                try await setMinimum(1, server)
                guard isFenced else {
                    try await Task.sleep(for: .milliseconds(1_200))
                    #expect(try await models.fetch(ModelID(1)) != nil)
                    return
                }
                try await Task.sleep(for: .milliseconds(1_100))
                for ids in [[ModelID(1)], [ModelID(1), ModelID(2)]] {
                    let error = await #expect(throws: ModelError.self) {
                        if ids.count == 1 {
                            _ = try await models.fetch(ids[0])
                        } else {
                            _ = try await models.fetch(ids)
                        }
                    }
                    #expect(error?.code == .unavailable)
                }
                try await setMinimum(0, server)
                #expect(try await models.fetch(ModelID(1)) != nil)
            }
        }
    }

    private func calls(_ command: String, _ server: RedisTestServer) async throws -> Int {
        let statistics = try await server.command("INFO", "commandstats").text ?? ""
        let line = statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(command):") }
        return line?.firstMatch(of: /calls=([0-9]+)/).flatMap { Int($0.1) } ?? 0
    }
}
