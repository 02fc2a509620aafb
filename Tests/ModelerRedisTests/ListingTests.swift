import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Listing in Redis")
struct ListingTests {
    @Test("M8 The index is one sorted set in the order of insertion; without listing there is none, and no list")
    func index() async throws {
        try await withListing { listing in
            for number in [3, 1, 2] { try await listing.models.create(id: ModelID(number)) }
            #expect(try await listing.members() == ["3", "1", "2"])
            #expect(try await listing.server.command("TYPE", "test:models:") == .text("zset"))
            #expect(try await listing.models.list(reverse: true) == [2, 1, 3])
            let plain = listing.plain
            try await plain.create(id: 9)
            #expect(try await listing.members() == ["3", "1", "2"])
            let error = await #expect(throws: ModelError.self) { try await plain.list() }
            #expect(error?.code == .misconfigured && error?.message.contains("listing: true") == true)
        }
    }

    @Test("M8 Models that expired or vanished leave the list at once, and the index when they are met after the hold")
    func dropOut() async throws {
        try await withListing(hold: .milliseconds(300)) { listing in
            let begun = ContinuousClock.now
            for number in 0..<6 {
                let expiry = Expiry(idle: number < 2 ? .milliseconds(200) : .seconds(600))
                try await listing.models.create(id: ModelID(number), expiry: expiry)
            }
            #expect(try await listing.plain.remove(5))
            #expect(try await listing.models.remove(4))
            #expect(try await !listing.members().contains("4"))
            let listed = try await listing.models.list()
            // A machine that was busy for as long as two of them live has shown nothing of these.
            #expect(listed == [0, 1, 2, 3] || ContinuousClock.now - begun > .milliseconds(190))
            try await Task.sleep(for: .milliseconds(500))
            #expect(try await listing.models.list() == [2, 3])
            #expect(try await listing.members() == ["2", "3"])
        }
    }

    @Test("M8 Entries of expired models leave the index by insertions alone, and stay no more than those that live")
    func inPassing() async throws {
        try await withListing(hold: .milliseconds(1)) { listing in
            for number in 0..<1500 {
                let expiry = Expiry(absolute: number % 10 == 0 ? .seconds(600) : .milliseconds(1))
                try await listing.models.create(id: ModelID(number), expiry: expiry)
            }
            let count = try await listing.members().count
            #expect((150...700).contains(count), "\(count) entries of 150 models")
            // The last of those that live for a millisecond may still be alive.
            try await Task.sleep(for: .milliseconds(10))
            let listed = try await listing.models.list()
            let others = listed.filter { Int($0.rawValue).map { $0 % 10 != 0 } ?? true }
            #expect(listed.count == 150, "also listed: \(others)")
        }
    }

    @Test("An insertion that stopped after the index is not listed, and its entry goes after the hold")
    func stoppedInsertion() async throws {
        try await withListing(hold: .seconds(1)) { listing in
            let index = try listing.models.requireIndex()
            _ = try await index.stage(1, .never)
            #expect(try await listing.models.list() == [])
            #expect(try await listing.members() == ["1"])
            // The insertion goes on: the entry has waited for it.
            _ = try await listing.models.insertRecord(NewModel(id: 1, fields: []), expiry: .never)
            #expect(try await listing.models.list() == [1])
            _ = try await index.stage(2, .never)
            try await Task.sleep(for: .milliseconds(1200))
            #expect(try await listing.models.list() == [1])
            #expect(try await listing.members() == ["1"])
        }
    }

    @Test("An id inserted anew moves to the end; where that stopped halfway it is listed all the same")
    func anew() async throws {
        try await withListing(hold: .milliseconds(400)) { listing in
            let index = try listing.models.requireIndex()
            for number in 1...3 { try await listing.models.create(id: ModelID(number)) }
            #expect(try await listing.plain.remove(1))
            try await listing.models.create(id: 1)
            #expect(try await listing.members() == ["2", "3", "1"])

            #expect(try await listing.plain.remove(2))
            let place = try await index.stage(2, .never)
            #expect(place.isAnew)
            #expect(try await listing.members() == ["2", "3", "1", "+2"])
            try await Task.sleep(for: .milliseconds(600))
            // A reader takes the old entry out just before the record comes, and the inserting process dies after.
            try await index.drop([("2", try #require(try await index.score(of: 2)))])
            _ = try await listing.models.insertRecord(NewModel(id: 2, fields: []), expiry: .never)
            _ = try await listing.models.list()
            #expect(try await listing.members() == ["3", "1", "2"])
            #expect(try await listing.models.list() == [3, 1, 2])
        }
    }

    @Test("A removal leaves the entry of a model that was inserted anew meanwhile")
    func removalMeetsInsertion() async throws {
        try await withListing { listing in
            let index = try listing.models.requireIndex()
            try await listing.models.create(id: 1)
            let old = try #require(try await index.score(of: 1))
            #expect(try await listing.plain.remove(1))
            try await listing.models.create(id: 1)
            #expect(try await index.drop([("1", old)]) == 0)
            #expect(try await listing.models.list() == [1])
        }
    }

    @Test("M8 Insertions, removals and lists at once, many given up halfway, lose no model from the list")
    func nothingLost() async throws {
        let seed = UInt64.random(in: 0..<(1 << 32))
        try await withListing(hold: .seconds(1)) { listing in
            for round in 0..<TestScale.count(25, full: 1000) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for client in 0..<12 {
                        group.addTask { @concurrent in
                            try await Self.churn(listing, seed: seed &+ UInt64(round * 100 + client))
                        }
                    }
                    try await group.waitForAll()
                }
                // What was sent by a task that was given up may be carried out still.
                try await Task.sleep(for: .milliseconds(20))
                let there = try await listing.records()
                let members = try await listing.members()
                let missing = there.filter { !members.contains($0.rawValue) && !members.contains("+\($0)") }
                #expect(missing.isEmpty, "seed \(seed), round \(round)")
            }
            // Once for what is overdue already, and once after all is.
            _ = try await listing.models.list()
            try await Task.sleep(for: .milliseconds(1500))
            _ = try await listing.models.list()
            let there = try await listing.records()
            let listed = try await listing.models.list()
            #expect(Set(listed) == there && listed.count == there.count, "seed \(seed)")
            #expect(try await Set(listing.members()) == Set(there.map(\.rawValue)), "seed \(seed)")
        }
    }

    /// Some work on a few ids; a third of it is given up at a random moment.
    private static func churn(_ listing: ListingUnderTest, seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let end = ContinuousClock.now + .milliseconds(100)
        while ContinuousClock.now < end {
            let id = ModelID(Int.random(in: 0..<100, using: &random))
            let kind = Int.random(in: 0..<8, using: &random)
            let task = Task {
                switch kind {
                case 0..<4: _ = try await listing.models.insert(NewModel(id: id, fields: []), expiry: .never)
                case 4..<6: try await listing.models.remove(id)
                case 6: try await listing.plain.remove(id)  // As when a model expires: the index isn't told.
                default: _ = try await listing.models.list()
                }
            }
            if Int.random(in: 0..<3, using: &random) == 0 {
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<800, using: &random)))
                task.cancel()
            }
            do {
                try await task.value
            } catch let error as ModelError where error.code == .cancelled {
            }
        }
    }
}

/// The same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
