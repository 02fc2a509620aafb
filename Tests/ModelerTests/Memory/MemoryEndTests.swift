import Modeler
import Testing

@Suite("Signals of models' ends from memory", .timeLimit(.minutes(1)))
struct MemoryEndTests {
    private func inserted(_ number: Int, _ models: MemoryCollection) async throws -> ModelID {
        let id = ModelID(number)
        _ = try await models.insert(NewModel(id: id, fields: []), expiry: Expiry(idle: .seconds(600 + number)))
        return id
    }

    @Test("A removal is told to all who wait for the model, and to nobody else")
    func removal() async throws {
        let models = MemoryCollection()
        let (first, second) = (try await inserted(1, models), try await inserted(2, models))
        var waiting = [models.endSignals(of: first), models.endSignals(of: first)].map { $0.makeAsyncIterator() }
        var other = models.endSignals(of: second).makeAsyncIterator()
        for index in waiting.indices { #expect(await waiting[index].next() == .told) }
        #expect(await other.next() == .told)
        #expect(try await models.remove(first))
        for index in waiting.indices { #expect(await waiting[index].next() == .told) }
        // A removal of nothing tells nothing: the next signal is that of the model's own removal.
        #expect(try await !models.remove(first))
        let late = Task { [other] in
            var other = other
            return await other.next()
        }
        #expect(try await models.fetch(second) != nil)
        #expect(try await models.remove(second))
        #expect(await late.value == .told)
    }

    @Test("A model that makes room for another is told")
    func eviction() async throws {
        let limits = MemoryCollection.Limits(maximumModels: 2, whenFull: .evictSoonestToExpire)
        let models = MemoryCollection(limits: limits)
        let first = try await inserted(1, models)
        _ = try await inserted(2, models)
        var signals = models.endSignals(of: first).makeAsyncIterator()
        #expect(await signals.next() == .told)
        _ = try await inserted(3, models)
        #expect(await signals.next() == .told)
        #expect(try await models.fetch(first) == nil)
    }

    @Test("Of removals that race with the first look none is missed")
    func race() async throws {
        let models = MemoryCollection()
        for number in 0..<2_000 {
            let id = try await inserted(number, models)
            async let removal = models.remove(id)
            for await _ in models.endSignals(of: id) where try await models.fetch(id) == nil { break }
            #expect(try await removal)
        }
    }
}
