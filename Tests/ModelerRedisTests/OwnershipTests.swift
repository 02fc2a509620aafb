import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Owners in Redis")
struct OwnershipTests {
    private static let owner = OwnerID(unchecked: "alice")
    private static let key = "test:models:owner:616c696365"

    @Test("The index does what the one in memory does, whatever is asked in whatever order")
    func likeMemory() async throws {
        try await withCollection { models, _ in
            for seed in 0..<TestScale.count(20, full: 2000) {
                let memory = MemoryCollection()
                let owner = try OwnerID("owner \(seed)")
                var epochs = (redis: [0], memory: [0])
                var generator = Numbers(seed: UInt64(seed))
                for step in 0..<60 {
                    let id = ModelID(generator.next(6))
                    let other = ModelID(generator.next(6))
                    let comment: Comment = "seed \(seed), step \(step)"
                    switch generator.next(12) {
                    case 0..<4:
                        let limit = [nil, 1, 3][generator.next(3)]
                        let outcomes = try await (
                            models.reserve(id, for: owner, limit: limit, condemning: [other], hold: .seconds(600)),
                            memory.reserve(id, for: owner, limit: limit, condemning: [other], hold: .seconds(600))
                        )
                        #expect(Summary(outcomes.0) == Summary(outcomes.1), comment)
                    case 4..<9:
                        let index = generator.next(epochs.redis.count)
                        let isConfirmation = generator.next(2) == 0
                        let expires = Timestamp(milliseconds: 4_000_000_000_000 + Int64(generator.next(1000)))
                        let (redis, inMemory) = (epochs.redis[index], epochs.memory[index])
                        if isConfirmation {
                            let answers = try await (
                                models.confirm(id, of: owner, epoch: redis, expires: expires),
                                memory.confirm(id, of: owner, epoch: inMemory, expires: expires)
                            )
                            #expect(answers.0 == answers.1, comment)
                        } else {
                            let answers = try await (
                                models.renew(id, of: owner, epoch: redis, expires: expires),
                                memory.renew(id, of: owner, epoch: inMemory, expires: expires)
                            )
                            #expect(answers.0 == answers.1, comment)
                        }
                    case 9 where step % 2 == 0:
                        let index = generator.next(epochs.redis.count)
                        let named = (redis: epochs.redis[index], memory: epochs.memory[index])
                        let known = try await (
                            models.advanceEpoch(of: owner, sparing: id, epoch: named.redis, hold: .seconds(600)),
                            memory.advanceEpoch(of: owner, sparing: id, epoch: named.memory, hold: .seconds(600))
                        )
                        #expect(known.0.map { Summary($0) } == known.1.map { Summary($0) }, comment)
                        guard let redis = known.0?.epoch, let inMemory = known.1?.epoch else { break }
                        epochs.redis.append(redis)
                        epochs.memory.append(inMemory)
                    case 9:
                        let known = try await (models.advanceEpoch(of: owner), memory.advanceEpoch(of: owner))
                        #expect(Summary(known.0) == Summary(known.1), comment)
                        #expect(known.0.epoch > epochs.redis.last ?? 0, comment)
                        epochs.redis.append(known.0.epoch)
                        epochs.memory.append(known.1.epoch)
                    case 10:
                        let known = try await (
                            models.condemn(allOf: owner, except: id), memory.condemn(allOf: owner, except: id)
                        )
                        #expect(Summary(known.0) == Summary(known.1), comment)
                    default:
                        try await models.withdraw([id, other], from: owner)
                        try await memory.withdraw([id, other], from: owner)
                    }
                    let known = try await (models.ownership(of: owner), memory.ownership(of: owner))
                    #expect(Summary(known.0) == Summary(known.1), comment)
                }
            }
        }
    }

    @Test("C5 The key lives past the last deadline in it, and an epoch for 400 days")
    func timeToLive() async throws {
        try await withCollection { models, server in
            func hours() async throws -> Int {
                try await (server.command("PTTL", Self.key).integer ?? -2) / 3_600_000
            }
            let now = try await Self.now(server)
            let (one, two) = (ModelID(1), ModelID(2))
            _ = try await models.reserve(one, for: Self.owner, limit: nil, condemning: [], hold: .seconds(60))
            #expect(try await hours() == 1)
            _ = try await models.confirm(one, of: Self.owner, epoch: 0, expires: now + .seconds(10 * 3600))
            #expect((10...11).contains(try await hours()))
            _ = try await models.renew(two, of: Self.owner, epoch: 0, expires: nil)
            #expect(try await server.command("PTTL", Self.key) == .integer(-1))
            try await models.withdraw([two], from: Self.owner)
            #expect((10...11).contains(try await hours()))
            let epoch = try await models.advanceEpoch(of: Self.owner).epoch
            #expect(epoch >= Int(now.milliseconds))
            #expect((400 * 24 - 1...400 * 24 + 1).contains(try await hours()))
            try await models.withdraw([one], from: Self.owner)
            #expect((400 * 24 - 1...400 * 24 + 1).contains(try await hours()))
            #expect(try await models.ownership(of: Self.owner) == Ownership(epoch: epoch))
        }
    }

    @Test("What is past is not read, and leaves the index with the next write; an empty one is no key")
    func trimmed() async throws {
        try await withCollection { models, server in
            let now = try await Self.now(server)
            _ = try await models.renew(ModelID(1), of: Self.owner, epoch: 0, expires: now + .milliseconds(1300))
            _ = try await models.renew(ModelID(2), of: Self.owner, epoch: 0, expires: now + .seconds(3600))
            // The reading is of a whole second.
            try await Task.sleep(for: .milliseconds(1400))
            #expect(try await models.ownership(of: Self.owner).owned == [ModelID(2)])
            // A read writes nothing.
            #expect(try await server.command("ZCARD", Self.key) == .integer(2))
            _ = try await models.confirm(ModelID(3), of: Self.owner, epoch: 0, expires: nil)
            #expect(try await server.command("ZCARD", Self.key) == .integer(1))
            try await models.withdraw([ModelID(2)], from: Self.owner)
            #expect(try await server.command("DBSIZE") == .integer(0))
        }
    }

    @Test("C8 No script names a key but the one it is given")
    func oneKey() throws {
        for script in OwnershipScripts.all {
            let calls = script.source.matches(of: /redis\.call\('([A-Z]+)'(, ([a-z]+))?/)
            #expect(calls.count > 2)
            for call in calls { #expect(call.3 == "key" || call.1 == "TIME", "\(call.0)") }
            #expect(script.source.components(separatedByText: "KEYS").count == 2)
        }
    }

    @Test("An owner's key never is a record's")
    func keys() async throws {
        try await withCollection { models, server in
            _ = try await models.renew(ModelID(1), of: Self.owner, epoch: 0, expires: nil)
            let id = try ModelID("owner")
            _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
            #expect(try await models.ownership(of: Self.owner).owned == [ModelID(1)])
            #expect(try await server.command("TYPE", Self.key) == .text("zset"))
            #expect(throws: ModelError.self) { try ModelID("owner:616c696365") }
        }
    }

    private static func now(_ server: RedisTestServer) async throws -> Timestamp {
        guard case .array(let time) = try await server.command("TIME"),
            let seconds = time[0].text.flatMap({ Int64($0) })
        else { throw ModelError(.unavailable, "no TIME") }
        return Timestamp(milliseconds: seconds * 1000)
    }
}

/// What two stores' answers have in common: the epochs are their own clocks'.
private struct Summary: Equatable {
    var word: String
    var hasEpoch = false
    var sets: [Set<ModelID>] = []

    init(_ outcome: ReservationOutcome) {
        switch outcome {
        case .reserved(let known): self.init(known, "reserved")
        case .full(let known): self.init(known, "full")
        case .condemned: self.init(Ownership(), "condemned")
        }
    }

    init(_ known: Ownership, _ word: String = "known") {
        self.word = word
        hasEpoch = known.epoch > 0
        sets = [Set(known.owned), Set(known.reserved), Set(known.condemned)]
    }
}

extension String {
    fileprivate func components(separatedByText text: String) -> [Substring] {
        split(separator: text, omittingEmptySubsequences: false)
    }
}
