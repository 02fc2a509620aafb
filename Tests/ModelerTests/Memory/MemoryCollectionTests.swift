import Modeler
import ModelerTesting
import Testing

@Suite("The collection in memory")
struct MemoryCollectionTests {
    let clock = ManualClock()

    func collection(
        _ limits: MemoryCollection.Limits = MemoryCollection.Limits(),
        expiry: Expiry = .never
    ) -> MemoryCollection {
        MemoryCollection(expiry: expiry, limits: limits, now: { [clock] in clock.now })
    }

    func insert(_ number: Int, into models: MemoryCollection, expiry: Expiry = .never) async throws {
        let model = NewModel(id: ModelID(number), fields: [("n", try EncodedJSON(encoding: number))])
        guard case .inserted = try await models.insert(model, expiry: expiry) else { throw ModelError(.full, "taken") }
    }

    @Test("Refuses an insertion when full, and names the setting")
    func refusesWhenFull() async throws {
        let models = collection(MemoryCollection.Limits(maximumModels: 3, whenFull: .refuse))
        for number in 0..<3 { try await insert(number, into: models, expiry: Expiry(idle: .seconds(9))) }
        let error = await #expect(throws: ModelError.self) { try await insert(3, into: models) }
        #expect(error?.code == .full && error?.message.contains("maximumModels") == true)
        clock.advance(by: .seconds(10))
        try await insert(3, into: models)
        let empty = collection(MemoryCollection.Limits(maximumModels: 0, whenFull: .evictSoonestToExpire))
        await #expect(throws: ModelError.self) { try await insert(1, into: empty) }
    }

    @Test("Evicts the model that would expire soonest, by its deadline of now")
    func evicts() async throws {
        let models = collection(MemoryCollection.Limits(maximumModels: 3, whenFull: .evictSoonestToExpire))
        try await insert(0, into: models, expiry: Expiry(idle: .seconds(10)))
        try await insert(1, into: models, expiry: Expiry(idle: .seconds(20)))
        try await insert(2, into: models)
        _ = try await models.commit(Change(renewal: .replace(Expiry(idle: .seconds(100)))), to: ModelID(0))
        try await insert(3, into: models, expiry: Expiry(idle: .seconds(50)))
        #expect(
            try await models.fetch([0, 1, 2, 3].map { ModelID($0) }).map { $0 != nil } == [true, false, true, true]
        )
        _ = try await models.commit(Change(renewal: .replace(.never)), to: ModelID(0))
        _ = try await models.commit(Change(renewal: .replace(.never)), to: ModelID(3))
        await #expect(throws: ModelError.self) { try await insert(4, into: models) }
    }

    @Test("A deadline that was moved forward counts, for eviction and for sweeping")
    func shortenedDeadline() async throws {
        let models = collection(MemoryCollection.Limits(maximumModels: 2, whenFull: .evictSoonestToExpire))
        try await insert(0, into: models, expiry: Expiry(idle: .seconds(100)))
        try await insert(1, into: models, expiry: Expiry(idle: .seconds(50)))
        _ = try await models.commit(Change(renewal: .replace(Expiry(idle: .seconds(5)))), to: ModelID(0))
        try await insert(2, into: models, expiry: Expiry(idle: .seconds(70)))
        #expect(try await models.fetch([0, 1, 2].map { ModelID($0) }).map { $0 != nil } == [false, true, true])
        _ = try await models.commit(Change(renewal: .replace(Expiry(idle: .seconds(5)))), to: ModelID(2))
        clock.advance(by: .seconds(6))
        try await models.remove(ModelID(9))
        #expect(models.count == 1)
    }

    @Test("Refuses a model that is too large, when inserted and when changed")
    func tooLarge() async throws {
        let models = collection(MemoryCollection.Limits(maximumBytesPerModel: 100))
        let text = try EncodedJSON(.string(String(repeating: "x", count: 120)))
        for code in [
            await #expect(throws: ModelError.self) {
                _ = try await models.insert(NewModel(id: ModelID(1), fields: [("t", text)]), expiry: .never)
            }?.code,
            await #expect(throws: ModelError.self) {
                try await insert(1, into: models)
                _ = try await models.commit(Change([.init("t", .set(text))]), to: ModelID(1))
            }?.code,
        ] { #expect(code == .tooLarge) }
        #expect(try await models.fetch(ModelID(1))?.revision == 1)
    }

    @Test("Gives the memory of expired models back in small steps")
    func sweeps() async throws {
        let models = collection()
        for number in 0..<1000 { try await insert(number, into: models, expiry: Expiry(idle: .seconds(5))) }
        clock.advance(by: .seconds(6))
        #expect(models.count == 1000)
        try await insert(-1, into: models)
        #expect(models.count > 900 && models.count < 1000)
        for _ in 0..<200 { _ = try await models.commit(Change(), to: ModelID(-1)) }
        #expect(models.count == 1)
    }

    @Test("What it keeps beside the models stays bounded under touches, commits and churn")
    func bookkeepingIsBounded() async throws {
        let models = collection()
        for number in 0..<100 { try await insert(number, into: models, expiry: Expiry(idle: .seconds(1000))) }
        for step in 0..<20_000 {
            clock.advance(by: .milliseconds(1))
            let id = ModelID(step % 100)
            switch step % 4 {
            case 0: _ = try await models.commit(Change(), to: id)
            case 1:
                _ = try await models.commit(
                    Change(renewal: .replace(Expiry(idle: .seconds(1000 - step % 900)))), to: id)
            case 2: _ = try await models.commit(Change([.init("n", .increment(by: 1))]), to: id)
            default:
                try await models.remove(id)
                try await insert(step % 100, into: models, expiry: Expiry(idle: .seconds(1000)))
            }
        }
        #expect(models.count == 100)
        #expect(models.bookkeeping.deadlines <= 300 && models.bookkeeping.order <= 300)
    }

    @Test("A clock that goes back revives nobody")
    func clockGoesBack() async throws {
        let models = collection()
        try await insert(1, into: models, expiry: Expiry(idle: .seconds(5)))
        clock.advance(by: .seconds(6))
        #expect(try await models.fetch(ModelID(1)) == nil)
        clock.advance(by: .seconds(-60))
        #expect(try await models.fetch(ModelID(1)) == nil)
    }

    @Test("A large change takes linear time")
    func largeChange() async throws {
        let models = collection(MemoryCollection.Limits(maximumBytesPerModel: 10_000_000))
        try await insert(1, into: models)
        let names = (0..<20_000).map { "field\($0)" }
        let elapsed = try await ContinuousClock().measure {
            _ = try await models.commit(Change(names.map { FieldChange($0, .set(.null)) }), to: ModelID(1))
            _ = try await models.commit(Change(names.map { FieldChange($0, .setIfAbsent(.null)) }), to: ModelID(1))
            _ = try await models.commit(Change(names.map { FieldChange($0, .remove) }), to: ModelID(1))
        }
        #expect(elapsed < .seconds(5))
        #expect(try await models.fetch(ModelID(1))?.fields.count == 1)
    }

    @Test("A page of none and a cursor of somebody else's are refused")
    func pages() async throws {
        let models = collection()
        await #expect(throws: ModelError.self) { try await models.page(after: nil, limit: 0, order: .oldestFirst) }
        let cursor = PageCursor(rawValue: "elsewhere")
        await #expect(throws: ModelError.self) { try await models.page(after: cursor, limit: 1, order: .oldestFirst) }
    }
}
