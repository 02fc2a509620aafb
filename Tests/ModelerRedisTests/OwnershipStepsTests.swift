import HiredisClient
import Modeler
import RESP
import RedisTestServer
import Testing

@testable import ModelerRedis

/// Owners of so many models that a script that looks at all of them would keep Redis from everybody else.
@Suite("Owners of very many models in Redis")
struct OwnershipStepsTests {
    private static let owner = OwnerID(unchecked: "alice")
    private static let key = "test:models:owner:616c696365"
    private static let count = TestScale.count(5_000, full: 100_000)
    /// What a page of ZSCAN may have beyond the members that were asked for.
    private static let widest = OwnershipScripts.width + 300

    private let ids = (0..<Self.count).map { ModelID($0) }

    @Test("One call looks at a page, whatever it does")
    func pages() async throws {
        try await withOwner { models, server in
            for (script, arguments) in [
                (OwnershipScripts.read, [""]), (OwnershipScripts.reserve, ["new", "3", "60000"]),
                (OwnershipScripts.reserve, ["new", "0", "60000"]),
            ] {
                let answer = try await run(script, arguments, models)
                #expect(answer.cursor != nil && answer.entries.count <= Self.widest)
            }
            let answer = try await run(OwnershipScripts.condemn, ["1", "", "", "", ""], models)
            #expect(answer.cursor != nil && answer.epoch > 0)
            let condemned = try await models.ownership(of: Self.owner).condemned.count
            #expect((1...Self.widest).contains(condemned))
        }
    }

    @Test("The pages together are all that is known, soonest to expire first")
    func read() async throws {
        try await withOwner { models, server in
            try await server.command("ZADD", Self.key, "-7", "@")
            try await server.command("ZADD", Self.key, "4000000000000", "+reserved")
            #expect(
                try await models.ownership(of: Self.owner)
                    == Ownership(epoch: 7, owned: ids, reserved: [ModelID("reserved")]))
        }
    }

    @Test("All are condemned, or all but one, in calls of which none condemns many")
    func condemn() async throws {
        try await withOwner { models, server in
            let spared = ids[17]
            let known = try await models.condemn(allOf: Self.owner, except: spared)
            #expect(known.owned == [spared])
            #expect(Set(known.condemned) == Set(ids).subtracting([spared]))
            try await server.command("DEL", Self.key)
            try await populate(server, ids)
            let sparing = try await models.advanceEpoch(of: Self.owner, sparing: spared, epoch: 0, hold: .seconds(60))
            #expect(sparing?.reserved == [spared] && sparing?.owned == [] && sparing?.condemned.count == ids.count - 1)
            try await server.command("CONFIG", "RESETSTAT")
            let all = try await models.advanceEpoch(of: Self.owner)
            #expect(Set(all.condemned) == Set(ids))
            #expect(all.epoch > sparing?.epoch ?? .max)
            // Two passes and a read.
            #expect(try await calls(of: "zscan", server) >= 3 * (Self.count / Self.widest))
        }
    }

    @Test("Places and removals of very many are taken in steps, and a limit counts those that live")
    func reserve() async throws {
        let ids = Array(ids.prefix(5_000))
        try await withOwner(ids) { models, server in
            let new = ModelID(unchecked: "new")
            guard
                case .full(let known) = try await models.reserve(
                    new, for: Self.owner, limit: 3, condemning: [], hold: .seconds(60))
            else { throw ModelError(.storeRefused, "a place is given") }
            #expect(known.owned == ids)
            guard
                case .reserved(let after) = try await models.reserve(
                    new, for: Self.owner, limit: 3, condemning: Array(ids.dropFirst(2)), hold: .seconds(60))
            else { throw ModelError(.storeRefused, "victims make no room") }
            #expect(after.owned == Array(ids.prefix(2)) && after.reserved == [new])
            #expect(after.condemned.count == ids.count - 2)
            try await models.withdraw(after.condemned, from: Self.owner)
            #expect(try await server.command("ZCARD", Self.key) == .integer(3))
            #expect(try await models.confirm(new, of: Self.owner, epoch: 0, expires: nil))
        }
    }

    @Test("Very many that are past are not known, and leave the index in steps")
    func past() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models")
                try await populate(server, ids, from: 1)
                func left() async throws -> Int { try await server.command("ZCARD", Self.key).integer ?? -1 }
                #expect(try await models.ownership(of: Self.owner) == Ownership())
                #expect(try await left() == Self.count)
                #expect(try await models.renew(ids[0], of: Self.owner, epoch: 0, expires: nil).isOwned)
                #expect(try await left() >= Self.count - OwnershipScripts.width)
                #expect(try await models.ownership(of: Self.owner).owned == [ids[0]])
                #expect(try await !models.confirm(ids[Self.count - 1], of: Self.owner, epoch: 0, expires: nil))
                for _ in 0...(Self.count / OwnershipScripts.width) {
                    try await models.withdraw([ModelID("none")], from: Self.owner)
                }
                #expect(try await left() == 1)
            }
        }
    }

    private func withOwner(
        _ ids: [ModelID]? = nil, _ body: (RedisCollection, RedisTestServer) async throws -> Void
    ) async throws {
        try await withCollection { models, server in
            try await populate(server, ids ?? self.ids)
            try await body(models, server)
        }
    }

    /// Enters ids, each a millisecond later than the one before.
    private func populate(
        _ server: RedisTestServer, _ ids: [ModelID], from start: Int = 5_000_000_000_000
    ) async throws {
        let adds = stride(from: 0, to: ids.count, by: 1000).map { first in
            ["ZADD", Self.key]
                + (first..<min(first + 1000, ids.count)).flatMap { [String(start + $0), ids[$0].rawValue] }
        }
        try await server.commands(adds)
    }

    private func run(
        _ script: RedisScript, _ arguments: [String], _ models: RedisCollection
    ) async throws -> OwnershipAnswer {
        let mark = OperationID().text
        let replies = try await models.client.evaluate(
            script, keys: [Self.key], argumentCount: 1 + arguments.count
        ) { encoder in
            encoder.argument(mark)
            for argument in arguments { encoder.argument(argument) }
        }
        return try #require(OwnershipAnswer(replies, operation: mark))
    }

    private func calls(of command: String, _ server: RedisTestServer) async throws -> Int {
        let statistics = try await server.command("INFO", "commandstats").text ?? ""
        let line = statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_\(command):calls=") }
        return line.flatMap { Int($0.split(separator: "=")[1].prefix(while: \.isNumber)) } ?? 0
    }
}
