import Foundation
import GRDB
import Modeler
import ModelerTesting
import Testing

@testable import ModelerSQLite

@Suite("Owners in SQLite")
struct OwnerTests {
    private let clock = ManualClock()
    private let owner = OwnerID(unchecked: "alice")

    @Test("Owners and their epochs outlive the process's connections, and are kept apart by collection")
    func reopened() async throws {
        try await withDirectory { directory in
            var models = try directory.open(now: { [clock] in clock.now })
            #expect(try await models.renew(ModelID(1), of: owner, epoch: 0, expires: nil).isOwned)
            let epoch = try await models.advanceEpoch(of: owner).epoch
            #expect(epoch >= Int(clock.now.milliseconds))
            #expect(try await models.renew(ModelID(2), of: owner, epoch: epoch, expires: nil).isOwned)
            let others = try SQLiteCollection(file: models.file, name: "others")
            #expect(try await others.ownership(of: owner) == Ownership())
            await models.file.close()
            models = try directory.open(now: { [clock] in clock.now })
            let known = Ownership(epoch: epoch, owned: [ModelID(2)], condemned: [ModelID(1)])
            #expect(try await models.ownership(of: owner) == known)
            #expect(try await !models.renew(ModelID(3), of: owner, epoch: 0, expires: nil).isOwned)
            await models.file.close()
        }
    }

    @Test("What is past leaves the file: places at their deadlines, epochs after 400 days")
    func swept() async throws {
        try await withDirectory { directory in
            let models = try directory.open(now: { [clock] in clock.now })
            for number in 0..<50 {
                let owner = try OwnerID("owner \(number)")
                let expires = clock.now + .seconds(number < 40 ? 10 : 1000)
                #expect(try await models.renew(ModelID(number), of: owner, epoch: 0, expires: expires).isOwned)
                if number < 5 { _ = try await models.advanceEpoch(of: owner) }
            }
            clock.advance(by: .seconds(11))
            #expect(try await models.rows("place") == 50)
            #expect(try await models.renew(ModelID(100), of: owner, epoch: 0, expires: nil).isOwned)
            #expect(try await models.rows("place") == 51 - Sweeper.modelsPerWrite)
            await models.file.tidy()
            #expect(try await models.rows("place") == 11)
            #expect(try await models.rows("epoch") == 5)
            clock.advance(by: OwnershipRetention.ofEpoch)
            await models.file.tidy()
            #expect(try await models.rows("place") == 1)
            #expect(try await models.rows("epoch") == 0)
            await models.file.close()
        }
    }

    @Test("The sqlite3 shell's view shows whose a model is")
    func view() async throws {
        try await withDirectory { directory in
            let models = try directory.open(now: { Timestamp(milliseconds: 1_700_000_000_000) })
            let expires = Timestamp(milliseconds: 1_700_000_060_000)
            #expect(try await models.renew(ModelID("m"), of: owner, epoch: 0, expires: expires).isOwned)
            let row = try await models.file.read { db, _ in
                try String.fetchOne(
                    db,
                    sql: """
                        SELECT collection || ' ' || owner || ' ' || id || ' ' || standing || ' ' || deadline FROM owners
                        """
                )
            }
            #expect(row == "models alice m owned 2023-11-14 22:14:20.000")
            await models.file.close()
        }
    }
}

extension SQLiteCollection {
    fileprivate func rows(_ table: String) async throws -> Int {
        try await file.read { db, _ in try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }
}
