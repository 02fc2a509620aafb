import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Upkeep of the index in Redis")
struct IndexUpkeepTests {
    @Test("rebuildIndex enters what has no entry in the order of creation, keeps the places of the others, and tells")
    func rebuild() async throws {
        try await withListing(hold: .milliseconds(1)) { listing in
            for number in 0..<1200 {
                try await listing.plain.create(["n": .integer(number)], id: ModelID(number))
                if number % 300 == 0 { try await Task.sleep(for: .milliseconds(3)) }
            }
            try await listing.models.create(id: 5000)
            #expect(try await listing.models.list() == [5000])
            let reports = Guarded<[IndexUpkeep]>([])
            let sums = try await listing.models.rebuildIndex { progress in
                reports.withLock { $0.append(progress) }
            }
            #expect(sums.added == 1200 && sums.removed == 0 && sums.examined >= 1201)
            #expect(reports.withLock { $0.count } >= 2 && reports.withLock { $0.last } == sums)
            let listed = try await listing.models.list()
            #expect(listed.count == 1201 && listed.last == 5000)
            // Those of one millisecond may be in any order.
            let created = try await listing.models.load(listed).compactMap { $0?.created }
            #expect(created == created.sorted())
            #expect(try await listing.models.rebuildIndex().added == 0)
            #expect(try await listing.models.list() == listed)
        }
    }

    @Test("An index that was lost comes back, with its deadline")
    func lost() async throws {
        try await withListing { listing in
            for number in 0..<10 {
                try await listing.models.create(id: ModelID(number), expiry: Expiry(absolute: .seconds(7200)))
                try await Task.sleep(for: .milliseconds(2))
            }
            try await listing.server.command("DEL", "test:models:")
            #expect(try await listing.models.list() == [])
            #expect(try await listing.models.rebuildIndex().added == 10)
            #expect(try await listing.models.list() == (0..<10).map { ModelID($0) })
            #expect((7200_000...10_800_000).contains(try await listing.timeToLive()))
        }
    }

    @Test("sweepIndex takes out the entries of all models that are gone, page by page")
    func sweep() async throws {
        try await withListing(hold: .milliseconds(1)) { listing in
            for number in 0..<2500 {
                try await listing.models.create(id: ModelID(number))
                if number % 5 != 0 { try await listing.plain.remove(ModelID(number)) }
            }
            try await Task.sleep(for: .milliseconds(5))
            let before = try await listing.members().count
            let reports = Guarded<[IndexUpkeep]>([])
            let sums = try await listing.models.sweepIndex { progress in
                reports.withLock { $0.append(progress) }
            }
            #expect(sums.examined == before && sums.removed == before - 500)
            #expect(reports.withLock { $0.count } >= before / 1000)
            #expect(try await listing.members().count == 500)
            let error = await #expect(throws: ModelError.self) { try await listing.plain.sweepIndex() }
            #expect(error?.code == .misconfigured)
        }
    }

    @Test("C5 The index outlives its models by an hour, and has no end where one of them has none")
    func timeToLive() async throws {
        try await withListing { listing in
            func hours() async throws -> Double { Double(try await listing.timeToLive()) / 3_600_000 }
            let models = listing.models
            try await models.create(id: 1, expiry: Expiry(idle: .seconds(60), absolute: .seconds(2 * 3600)))
            #expect((2.9...3).contains(try await hours()))
            try await models.create(id: 2, expiry: Expiry(absolute: .seconds(60)))
            #expect((2.9...3).contains(try await hours()))
            _ = try await models.commit(Change(renewal: .replace(Expiry(absolute: .seconds(5 * 3600)))), to: 2)
            #expect((5.9...6).contains(try await hours()))
            let change = Change(renewal: .replace(Expiry(absolute: .seconds(9 * 3600))))
            #expect(try await models.commit(change, to: 1).commit != nil)
            #expect((9.9...10).contains(try await hours()))
            try await models.create(id: 3, expiry: Expiry(idle: .seconds(60)))
            #expect(try await listing.timeToLive() == -1)
            try await models.create(id: 4, expiry: Expiry(absolute: .seconds(60)))
            #expect(try await listing.timeToLive() == -1)
        }
    }

    @Test("C5 An index that a script empties and fills again has its end still", arguments: [true, false])
    func emptied(hasEnd: Bool) async throws {
        try await withListing { listing in
            let index = try #require(listing.models.index)
            let place = try await index.stage("a".id, .never)
            // As where the id's old entry was swept meanwhile: what is left is the staged one.
            try await listing.server.commands([
                ["DEL", "test:models:"], ["ZADD", "test:models:", "\(place.score)", "+a"],
                [hasEnd ? "PEXPIRE" : "PERSIST", "test:models:"] + (hasEnd ? ["72000000"] : []),
            ])
            let expiry = Expiry(absolute: .seconds(60))
            try await index.settle("a".id, at: place.score, moves: true, expiry)
            #expect(try await listing.members() == ["a"])
            let left = try await listing.timeToLive()
            #expect(hasEnd ? (71_000_000...72_000_000).contains(left) : left == -1)
            _ = try await index.stage("b".id, expiry)
            #expect(try await (listing.timeToLive() == -1) == !hasEnd)
        }
    }

    @Test("A rebuilt index has places for very many models of one millisecond, in few steps each")
    func sameMillisecond() async throws {
        try await withListing { listing in
            let index = try #require(listing.models.index)
            let ids = (0..<2_500).map { ModelID(unchecked: "m\(10_000 + $0)") }
            let created = Timestamp(milliseconds: 1_700_000_000_000)
            try await listing.server.command("CONFIG", "RESETSTAT")
            for start in stride(from: 0, to: ids.count, by: 250) {
                let part = ids[start..<start + 250].map { (id: $0, created: created) }
                #expect(try await index.restore(part, life: "-") == 250)
            }
            #expect(try await listing.members() == ids.map(\.rawValue))
            let statistics = try await listing.server.command("INFO", "commandstats").text ?? ""
            let calls = statistics.split(whereSeparator: \.isNewline).compactMap { line -> Int? in
                guard line.hasPrefix("cmdstat_z"), let count = line.split(separator: "=").dropFirst().first else {
                    return nil
                }
                return Int(count.prefix(while: \.isNumber))
            }
            #expect(calls.reduce(0, +) <= 6 * ids.count)
            guard
                case .array(let scores) = try await listing.server.command(
                    "ZRANGE", "test:models:", "0", "-1", "WITHSCORES")
            else { throw ModelError(.unavailable, "no scores") }
            let places = stride(from: 1, to: scores.count, by: 2).compactMap { scores[$0].text }
            #expect(Set(places).count == ids.count)
        }
    }

    @Test("A model that is restored takes the first free place of its millisecond, before what came in later")
    func firstPlace() async throws {
        try await withListing { listing in
            let index = try #require(listing.models.index)
            let created = Timestamp(milliseconds: 1_700_000_000_000)
            for (member, microseconds) in [("+late", 500), ("+first", 0), ("+third", 2)] {
                try await listing.server.command(
                    "ZADD", "test:models:", "\(1_700_000_000_000_000 + microseconds)", member)
            }
            let ids = ["a", "b"].map { ModelID(unchecked: $0) }
            #expect(try await index.restore(ids.map { (id: $0, created: created) }, life: "-") == 2)
            let order = try await listing.server.command("ZRANGE", "test:models:", "0", "-1")
            guard case .array(let members) = order else { throw ModelError(.unavailable, "no members") }
            #expect(members.map(\.text) == ["+first", "a", "+third", "b", "+late"])
        }
    }

    @Test("F3 A member whose first mark combines with the next is none of the index's, and not taken for another id")
    func combiningMark() async throws {
        try await withListing { listing in
            let index = try #require(listing.models.index)
            try await listing.server.command("ZADD", "test:models:", "1", "+\u{486}xione")
            let error = await #expect(throws: ModelError.self) {
                try await index.look(after: nil, limit: 10, order: .oldestFirst)
            }
            #expect(error?.code == .unreadable)
        }
    }

    @Test("C8 No script on the index names a key but the one it is given")
    func oneKey() throws {
        for script in ListingScripts.all {
            let calls = script.source.matches(of: /redis\.call\('([A-Z]+)'(, ([a-z]+))?/)
            #expect(calls.count > 2)
            for call in calls { #expect(call.3 == "key" || call.1 == "TIME", "\(call.0)") }
            #expect(script.source.split(separator: "KEYS", omittingEmptySubsequences: false).count == 2)
        }
    }

    @Test("M7 Collections whose names and prefixes are alike list, sweep and rebuild their own models only")
    func apart() async throws {
        try await withListing { listing in
            let client = listing.models.client
            let names = [
                ("test:", "a"), ("test:", "ab"), ("test:b", "a"), ("test:a:", "b"), ("test:[a]*", "?"), ("", "test"),
            ]
            let collections = try names.map {
                try RedisCollection(client: client, prefix: $0.0, name: $0.1, listing: true)
            }
            for (index, models) in collections.enumerated() {
                for id in ["x", "a", "owner", "b.x", "\(index)"] { try await models.create(id: ModelID(id)) }
                _ = try await models.renew("x".id, of: OwnerID("alice"), epoch: 0, expires: nil)
            }
            let expected = collections.indices.map { ["x", "a", "owner", "b.x", "\($0)"] }
            for (index, models) in collections.enumerated() {
                #expect(try await models.list().map(\.rawValue) == expected[index])
                try await listing.server.command("DEL", models.keys.index)
            }
            for (index, models) in collections.enumerated() {
                #expect(try await models.rebuildIndex().added == 5)
                #expect(Set(try await models.list().map(\.rawValue)) == Set(expected[index]))
                #expect(try await models.remove("x".id))
            }
            for models in collections { #expect(try await models.list().count == 4) }
            for prefix in ["test:", ""] {
                let error = #expect(throws: ModelError.self) {
                    try RedisCollection(client: client, prefix: prefix, name: "owner")
                }
                #expect(error?.code == .misconfigured && error?.message.contains("owner") == true)
            }
        }
    }
}

extension String {
    fileprivate var id: ModelID { ModelID(unchecked: self) }
}
