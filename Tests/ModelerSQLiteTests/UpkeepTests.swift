import Foundation
import GRDB
import Modeler
import ModelerTesting
import Testing

@testable import ModelerSQLite

@Suite("Upkeep of SQLite files")
struct UpkeepTests {
    private let clock = ManualClock()
    private let text = "\"\(String(repeating: "x", count: 4000))\""

    @Test("Each write sweeps a few expired models, and their fields")
    func sweptByWrites() async throws {
        try await withDirectory { directory in
            let models = try directory.open(now: { [clock] in clock.now })
            for number in 0..<30 { try await models.add(ModelID(number), expiry: Expiry(idle: .seconds(5))) }
            try await models.add(ModelID(100))
            clock.advance(by: .seconds(6))
            #expect(try await models.rowCount() == 31)
            try await models.increment(ModelID(100))
            #expect(try await models.rowCount() == 31 - Sweeper.modelsPerWrite)
            for _ in 0..<4 { try await models.increment(ModelID(100)) }
            #expect(try await models.rowCount() == 1)
            let fields = try await models.file.read { db, _ in try Int.fetchOne(db, sql: "SELECT count(*) FROM field") }
            #expect(fields == 1)
            await models.file.close()
        }
    }

    @Test("A deadline that has moved counts for the sweep, later or earlier")
    func movedDeadlines() async throws {
        try await withDirectory { directory in
            let models = try directory.open(now: { [clock] in clock.now })
            try await models.add(ModelID(1), expiry: Expiry(idle: .seconds(10)))
            try await models.add(ModelID(2), expiry: Expiry(idle: .seconds(1000)))
            try await models.add(ModelID(3))
            try await models.add(ModelID(4), expiry: Expiry(idle: .seconds(10)))
            clock.advance(by: .seconds(8))
            _ = try await models.commit(Change(), to: ModelID(1))
            _ = try await models.commit(Change(renewal: .replace(Expiry(idle: .seconds(5)))), to: ModelID(2))
            _ = try await models.commit(Change(renewal: .replace(Expiry(idle: .seconds(5)))), to: ModelID(3))
            _ = try await models.commit(Change(renewal: .replace(.never)), to: ModelID(4))
            clock.advance(by: .seconds(6))
            await models.file.tidy()
            #expect(try await models.rowCount() == 2)
            clock.advance(by: .seconds(5))
            await models.file.tidy()
            #expect(try await models.rowCount() == 1)
            #expect(try await models.fetch(ModelID(4)) != nil)
            await models.file.close()
        }
    }

    @Test("Without any write the upkeep sweeps and gives the space back")
    func background() async throws {
        try await withDirectory { directory in
            let settings = SQLiteSettings(
                durability: .normal, timeout: .seconds(60), upkeepInterval: .milliseconds(100)
            )
            let models = try directory.open(settings, now: { [clock] in clock.now })
            for number in 0..<1000 { try await models.add(ModelID(number), text, expiry: Expiry(idle: .seconds(5))) }
            let before = try await pages(models)
            clock.advance(by: .seconds(6))
            let end = ContinuousClock.now + .seconds(60)
            while try await pages(models) > Sweeper.spareFreePages + 50, ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(before > 1000)
            #expect(try await pages(models) <= Sweeper.spareFreePages + 50)
            #expect(try await models.rowCount() == 0)
            await models.file.close()
        }
    }

    @Test("A released file closes its connections and ends its upkeep")
    func released() async throws {
        try await withDirectory { directory in
            do {
                let models = try directory.open()
                try await models.add(ModelID(1))
            }
            let end = ContinuousClock.now + .seconds(60)
            while FileManager.default.fileExists(atPath: directory.file + "-wal"), ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(!FileManager.default.fileExists(atPath: directory.file + "-wal"))
        }
    }

    @Test("A full file refuses what doesn't fit, keeps what is there, and takes more after a removal")
    func full() async throws {
        try await withDirectory { directory in
            let settings = SQLiteSettings(durability: .normal, timeout: .seconds(60), maximumFileBytes: 1 << 20)
            let models = try directory.open(settings)
            var count = 0
            let error = await #expect(throws: ModelError.self) {
                while count < 1000 {
                    try await models.add(ModelID(count), text)
                    count += 1
                }
            }
            #expect(error?.code == .full)
            #expect(count > 100)
            #expect(try await models.fetch(ModelID(count)) == nil)
            for number in 0..<5 { try await models.remove(ModelID(number)) }
            try await models.add(ModelID(count), text)
            #expect(try await models.rowCount() == count - 4)
            await models.file.close()
        }
    }

    @Test("A model larger than the limit is refused, by whatever write, and keeps what it has")
    func tooLarge() async throws {
        try await withDirectory { directory in
            let models = try directory.open(SQLiteSettings(durability: .normal, maximumBytesPerModel: 10))
            let large = "\"123456789\""
            let error = await #expect(throws: ModelError.self) { try await models.add(ModelID(1), large) }
            #expect(error?.code == .tooLarge)
            try await models.add(ModelID(1), "12345")
            for _ in 0..<3 {
                let change = Change([.init("n", .remove), .init("m", .set(EncodedJSON(text: "123456789")))])
                guard case .committed = try await models.commit(change, to: ModelID(1)) else { return }
                let back = Change([.init("m", .remove), .init("n", .set(EncodedJSON(text: "1")))])
                guard case .committed = try await models.commit(back, to: ModelID(1)) else { return }
            }
            let more = Change([.init("m", .set(EncodedJSON(text: "12345678")))])
            await #expect(throws: ModelError.self) { try await models.commit(more, to: ModelID(1)) }
            #expect(try await models.fetch(ModelID(1))?.fields.count == 1)
            await models.file.close()
        }
    }

    private func pages(_ models: SQLiteCollection) async throws -> Int {
        try await models.file.read { db, _ in try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0 }
    }
}
