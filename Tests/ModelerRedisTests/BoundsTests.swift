import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Records that no store has written")
struct BoundsTests {
    private let id = ModelID(1)

    @Test("T17 E3 A record with a number out of bounds is unreadable to every operation, and stays as it is")
    func numbers() async throws {
        try await withCollection { models, server in
            let numbers = [
                "9007199254740992", "9223372036854775807", "9223372036854775808", "18446744073709551616", "-1", "x", "",
                "1.5", "1e3", String(repeating: "9", count: 400),
            ]
            for position in 1..<8 {
                for number in numbers {
                    var parts = ["1", "1", "1000", "0", "0", "0", "0", "1"]
                    parts[position] = number
                    try await expectUnreadable(models, server, ["@", parts.joined(separator: " "), "a", "1:1"])
                }
            }
            // Each within its bound, and their sums beyond it.
            for text in ["1 1 9007199254740991 1 0 0 0 1", "1 1 9007199254740991 0 0 0 1 1", "1 0 1 1 0 0 0 1"] {
                try await expectUnreadable(models, server, ["@", text, "a", "1:1"])
            }
            // A revision that can't grow is read, and not written.
            try await server.command(
                "HSET", "test:models:1", "@", "1 9007199254740991 1000 0 0 0 0 1", "@id", "1", "a", "1:1")
            #expect(try await models.fetch(id)?.revision == 9_007_199_254_740_991)
            let error = await #expect(throws: ModelError.self) {
                try await models.commit(Change([.init("a", .remove)]), to: id)
            }
            #expect(error?.code == .unreadable)
        }
    }

    private func expectUnreadable(
        _ models: RedisCollection, _ server: RedisTestServer, _ fields: [String]
    ) async throws {
        try await server.command("DEL", "test:models:1")
        try await server.commands([["HSET", "test:models:1", "@id", "1"] + fields])
        let before = try await server.command("DUMP", "test:models:1")
        let calls: [() async throws -> Void] = [
            { _ = try await models.fetch(id) },
            { _ = try await models.commit(Change([.init("a", .set(EncodedJSON(text: "2")))]), to: id) },
            { _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never) },
            { _ = try await models.remove(id, expecting: .revision(1)) },
        ]
        for (index, call) in calls.enumerated() {
            let error = await #expect(throws: ModelError.self, "\(fields[1]), call \(index)") { try await call() }
            #expect(error?.code == .unreadable, "\(fields[1]), call \(index): \(error?.message ?? "")")
        }
        #expect(try await server.command("DUMP", "test:models:1") == before)
    }

    @Test("T17 Limits at their bound are renewed without going beyond it")
    func limits() async throws {
        try await withCollection { models, server in
            let last = 9_007_199_254_740_991
            try await server.command(
                "HSET", "test:models:1", "@", "1 1 1000 0 \(last) \(last) 0 \(last)", "@id", "1", "a", "1:1")
            let commit = try #require(try await models.commit(Change([.init("a", .set(.null))]), to: id).commit)
            #expect(commit.lifetime.expires == Timestamp(milliseconds: Int64(last)))
            #expect(try await models.fetch(id)?.lifetime?.expires == commit.lifetime.expires)
        }
    }

    @Test("A record of a newer layout can't be read here, and no operation that expects something changes it")
    func newer() async throws {
        try await withCollection { models, server in
            try await server.command("HSET", "test:models:1", "@", "7 what that means", "@id", "1", "a", "1:1")
            let before = try await server.command("DUMP", "test:models:1")
            let calls: [() async throws -> Void] = [
                { _ = try await models.fetch(id) },
                { _ = try await models.commit(Change([.init("a", .remove)]), to: id) },
                { _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never) },
                { _ = try await models.remove(id, expecting: .revision(1)) },
            ]
            for call in calls {
                let error = await #expect(throws: ModelError.self) { try await call() }
                #expect(error?.code == .unreadableHere)
            }
            #expect(try await server.command("DUMP", "test:models:1") == before)
            #expect(try await models.remove(id))
        }
    }

    @Test("L1 A record whose key has lost its time to live is absent from its deadline on, to reads and writes")
    func persisted() async throws {
        try await withCollection { models, server in
            for call in 0..<4 {
                let id = ModelID(call)
                _ = try await models.insert(NewModel(id: id, fields: []), expiry: Expiry(absolute: .milliseconds(300)))
                #expect(try await server.command("PERSIST", "test:models:\(id)") == .integer(1))
                #expect(try await models.fetch(id) != nil)
                try await Task.sleep(for: .milliseconds(400))
                #expect(try await models.fetch(id) == nil)
                switch call {
                case 0: #expect(try await models.commit(Change(), to: id).isGone)
                case 1: #expect(try await models.remove(id, expecting: .nothing).isGone)
                case 2: #expect(try await models.remove(id, expecting: .revision(1)).isGone)
                default:
                    let commit = try await models.insert(NewModel(id: id, fields: []), expiry: .never).commit
                    #expect(commit?.revision == 1)
                    continue
                }
                #expect(try await server.command("EXISTS", "test:models:\(id)") == .integer(0))
            }
        }
    }

    @Test("A replica that lacks a record says that it is unavailable, not that the record is gone")
    func replica() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url, configure: { $0.allowsReplica = true }) { client in
                let models = try RedisCollection(client: client, name: "models")
                try await server.command("REPLICAOF", "127.0.0.1", "1")
                let calls: [() async throws -> Void] = [
                    { _ = try await models.commit(Change([.init("a", .remove)]), to: id) },
                    { _ = try await models.commit(Change(), to: id) },
                    { _ = try await models.remove(id) },
                    { _ = try await models.remove(id, expecting: .revision(1)) },
                ]
                for (index, call) in calls.enumerated() {
                    let error = await #expect(throws: ModelError.self, "call \(index)") { try await call() }
                    #expect(error?.code == .unavailable, "call \(index)")
                }
                try await server.command("REPLICAOF", "NO", "ONE")
            }
        }
    }

    @Test("C10 A change asked again after its record's times were moved by two minutes is applied once")
    func operationsOutliveTime() async throws {
        try await withCollection { models, server in
            _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
            var change = Change([.init("n", .increment(by: 1))], base: 1)
            _ = try await models.commit(change, to: id)
            var parts = try #require(try await server.hash("test:models:1")["@"]).split(separator: " ").map(String.init)
            parts[2] = String((Int(parts[2]) ?? 0) - 120_000)
            try await server.commands([["HSET", "test:models:1", "@", parts.joined(separator: " ")]])
            _ = try await models.commit(Change([.init("other", .set(.null))]), to: id)
            change.isRepeated = true
            #expect(try await models.commit(change, to: id).commit?.revision == 2)
            #expect(try await models.fetch(id)?.fields["n"]?.value == EncodedJSON(text: "1"))
        }
    }
}
