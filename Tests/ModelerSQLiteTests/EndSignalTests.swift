import Modeler
import Testing

@testable import ModelerSQLite

@Suite("Signals of models' ends from SQLite", .timeLimit(.minutes(1)))
struct EndSignalTests {
    private func inserted(_ models: SQLiteCollection) async throws -> ModelID {
        let id = ModelID.random()
        _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
        return id
    }

    @Test("A removal by a collection on the same file object is told without a look at the file")
    func here() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            let other = try SQLiteCollection(file: models.file, name: models.name)
            let id = try await inserted(models)
            // Signals without the task that looks.
            var signals = models.file.ends.listeners.signals(of: .init(collection: models.name, id: id))
                .makeAsyncIterator()
            #expect(await signals.next() == .told)
            #expect(try await other.remove(id))
            #expect(await signals.next() == .told)
            await models.file.close()
        }
    }

    @Test("A removal on another connection, as of another process, is told; one of another model isn't")
    func elsewhere() async throws {
        try await withDirectory { directory in
            let (models, others) = (try directory.open(), try directory.open())
            for _ in 0..<4 {
                let (id, unrelated) = (try await inserted(models), try await inserted(others))
                var signals = models.endSignals(of: id).makeAsyncIterator()
                #expect(await signals.next() == .told)
                #expect(try await others.remove(unrelated))
                let waiting = Task { [signals] in
                    var signals = signals
                    return await signals.next()
                }
                // Two looks, which see the other model's removal.
                try await Task.sleep(for: EndPoll.interval * 2)
                #expect(try await models.fetch(id) != nil)
                #expect(try await others.remove(id))
                #expect(await waiting.value == .told)
                #expect(try await models.fetch(id) == nil)
            }
            await others.file.close()
            await models.file.close()
        }
    }

    @Test("A removal by another process is told")
    func process() async throws {
        try await withDirectory { directory in
            let models = try SQLiteCollection(
                path: directory.file, name: "written", settings: SQLiteSettings(durability: .normal))
            let ids = try await [inserted(models), inserted(models)]
            var signals = ids.map { models.endSignals(of: $0).makeAsyncIterator() }
            for index in ids.indices { #expect(await signals[index].next() == .told) }
            for (index, id) in ids.enumerated() {
                let writer = try WriterProcess(["remove", directory.file, "1", id.rawValue])
                #expect(await signals[index].next() == .told)
                #expect(try await models.fetch(id) == nil)
                #expect(await writer.end() == 0)
            }
            await models.file.close()
        }
    }

    @Test("A closed file tells that ends go untold, and ends the stream; nobody looks for whom nobody waits")
    func closes() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            let id = try await inserted(models)
            do {
                var first = models.endSignals(of: id).makeAsyncIterator()
                #expect(await first.next() == .told)
            }
            while !models.file.ends.isIdle { try await Task.sleep(for: .milliseconds(5)) }
            var signals = models.endSignals(of: id).makeAsyncIterator()
            #expect(await signals.next() == .told)
            await models.file.close()
            #expect(await signals.next() == .untold)
            #expect(await signals.next() == nil)
            var late = models.endSignals(of: id).makeAsyncIterator()
            #expect(await late.next() == .untold)
            #expect(await late.next() == nil)
        }
    }
}
