import Modeler
import ModelerTesting
import Testing

@Suite("A full memory collection")
struct MemoryEvictionTests {
    private let clock = ManualClock()
    private let owner = OwnerID(unchecked: "alice")

    private func collection(_ maximumModels: Int) -> MemoryCollection {
        MemoryCollection(limits: MemoryCollection.Limits(maximumModels: maximumModels), now: { [clock] in clock.now })
    }

    private func insert(_ number: Int, into models: MemoryCollection, idle: Int? = 60) async throws {
        let model = NewModel(id: ModelID(number), fields: [])
        let expiry = Expiry(idle: idle.map { .seconds($0) })
        guard case .inserted = try await models.insert(model, expiry: expiry) else { throw ModelError(.full, "taken") }
    }

    private func there(_ models: MemoryCollection, _ numbers: Range<Int>) async throws -> [Int] {
        let found = try await models.fetch(numbers.map { ModelID($0) })
        return zip(numbers, found).filter { $1 != nil }.map { $0.0 }
    }

    @Test("By default evicts what nobody owns and expires soonest, and refuses where everything is somebody's")
    func unownedFirst() async throws {
        let models = collection(3)
        for (number, idle) in [(0, 10), (1, 30), (2, 20)] { try await insert(number, into: models, idle: idle) }
        #expect(try await models.renew(ModelID(0), of: owner, epoch: 0, expires: nil).isOwned)
        try await insert(3, into: models, idle: 60)
        #expect(try await there(models, 0..<4) == [0, 1, 3])
        for number in [1, 3] {
            _ = try await models.reserve(ModelID(number), for: owner, limit: nil, condemning: [], hold: .seconds(90))
        }
        let error = await #expect(throws: ModelError.self) { try await insert(4, into: models) }
        #expect(error?.code == .full)
        #expect(try await there(models, 0..<5) == [0, 1, 3])
        // An expired one makes room, whoever owns it.
        clock.advance(by: .seconds(11))
        try await insert(4, into: models, idle: 1)
        #expect(try await there(models, 0..<5) == [1, 3, 4])
    }

    @Test("What an owner has no more can be evicted again: withdrawn, condemned, or past its deadline in the index")
    func unownedAgain() async throws {
        for way in 0..<3 {
            let models = collection(2)
            let deadline = way == 2 ? clock.now + .seconds(5) : nil
            for number in 0..<2 {
                try await insert(number, into: models)
                #expect(try await models.renew(ModelID(number), of: owner, epoch: 0, expires: deadline).isOwned)
            }
            await #expect(throws: ModelError.self) { try await insert(2, into: models) }
            switch way {
            case 0: try await models.withdraw([ModelID(1)], from: owner)
            case 1: _ = try await models.condemn(allOf: owner, except: ModelID(0))
            default:
                clock.advance(by: .seconds(6))
                _ = try await models.renew(ModelID(0), of: owner, epoch: 0, expires: nil)
            }
            try await insert(2, into: models)
            #expect(try await there(models, 0..<3) == [0, 2])
        }
    }

    @Test("A model of two owners is evicted only when neither has it; a place taken before its model counts")
    func twoOwners() async throws {
        let models = collection(1)
        let other = OwnerID(unchecked: "bob")
        for owner in [owner, other] {
            #expect(try await models.renew(ModelID(0), of: owner, epoch: 0, expires: nil).isOwned)
        }
        try await insert(0, into: models)
        try await models.withdraw([ModelID(0)], from: owner)
        await #expect(throws: ModelError.self) { try await insert(1, into: models) }
        try await models.withdraw([ModelID(0)], from: other)
        try await insert(1, into: models)
        #expect(try await there(models, 0..<2) == [1])
    }

    @Test("Models without a deadline are not evicted")
    func endless() async throws {
        let models = collection(1)
        try await insert(0, into: models, idle: nil)
        let error = await #expect(throws: ModelError.self) { try await insert(1, into: models) }
        #expect(error?.code == .full)
    }

    @Test("20,000 insertions into a collection of 10,000 users' models and 100 others take linear time")
    func manyOwned() async throws {
        let models = collection(10_100)
        for number in 0..<10_000 {
            try await insert(number, into: models, idle: 60)
            let owner = try OwnerID("user \(number % 1000)")
            #expect(try await models.renew(ModelID(number), of: owner, epoch: 0, expires: nil).isOwned)
        }
        let elapsed = try await ContinuousClock().measure {
            for number in 10_000..<30_000 { try await insert(number, into: models, idle: 3600) }
        }
        #expect(elapsed < .seconds(5))
        #expect(models.count == 10_100)
        #expect(try await there(models, 0..<10_000).count == 10_000)
        #expect(models.bookkeeping.deadlines <= 2 * 10_100 + 64)
    }

    @Test("Tells once that it is nine tenths full, and again after it was emptied")
    func nearlyFull() async throws {
        let models = collection(20)
        let told = Guarded<[Int]>([])
        models.onNearlyFull = { count in told.withLock { $0.append(count) } }
        for number in 0..<17 { try await insert(number, into: models) }
        #expect(told.withLock { $0 } == [] && !models.isNearlyFull)
        for number in 17..<30 { try await insert(number, into: models) }
        #expect(told.withLock { $0 } == [18] && models.isNearlyFull)
        for number in 10..<30 { try await models.remove(ModelID(number)) }
        for number in 100..<120 { try await insert(number, into: models) }
        #expect(told.withLock { $0 } == [18, 18])
    }

    @Test("Its default limits leave room beside a session of 64 KiB")
    func defaultLimits() {
        let limits = MemoryCollection.Limits()
        #expect(limits.maximumBytesPerModel == 128 * 1024 && limits.whenFull == .evictUnownedSoonestToExpire)
    }
}
