import GRDB
import Modeler
import ModelerTesting
import Testing

@testable import ModelerSQLite

@Suite("Rows that no store has written")
struct BoundsTests {
    @Test(
        "T17 A row with a number out of bounds is damage to who meets it, and no crash",
        arguments: ["revision", "created", "updated", "idle", "absolute", "expires", "size"]
    )
    func numbers(column: String) async throws {
        try await withDirectory { directory in
            let models = try directory.open(now: { Timestamp(milliseconds: 1000) })
            for number in [-1, 9_007_199_254_740_992, .max, .min] as [Int64] {
                let id = ModelID.random()
                try await models.add(id, expiry: Expiry(idle: .seconds(60), absolute: .seconds(60)))
                try await models.file.write { db, _ in
                    try db.execute(
                        sql: "UPDATE model SET \(column) = ? WHERE id = ?", arguments: [number, id.rawValue])
                }
                let calls: [() async throws -> Void] = [
                    { try await models.increment(id) },
                    { _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never) },
                    { try await models.remove(id) }, { _ = try await models.fetch(id) },
                ]
                // Only writers read the size.
                for call in calls.prefix(column == "size" ? 3 : 4) {
                    let error = await #expect(throws: ModelError.self, "\(number)") { try await call() }
                    #expect(error?.code == .damaged, "\(number)")
                }
                _ = try? await models.page(after: nil, limit: 10, order: .oldestFirst)
                await models.file.tidy()
                try await models.file.write { db, _ in try db.execute(sql: "DELETE FROM model") }
            }
        }
    }

    @Test("T17 Fields, operations, ids and epochs that no store has written are damage, and no crash")
    func others() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            let owner = try OwnerID("alice")
            let statements = [
                "UPDATE field SET revision = -1", "UPDATE field SET revision = 9007199254740992",
                "UPDATE model SET operations = 'AAAAA?'", "UPDATE model SET operations = 'A'",
            ]
            for statement in statements {
                try await models.add(1)
                try await models.file.write { db, _ in try db.execute(sql: statement) }
                let error = await #expect(throws: ModelError.self) { try await models.increment(1) }
                #expect(error?.code == .damaged, "\(statement)")
                try await models.file.write { db, _ in try db.execute(sql: "DELETE FROM model") }
            }
            try await models.add(1)
            _ = try await models.advanceEpoch(of: owner)
            try await models.file.write { db, _ in
                try db.execute(sql: "UPDATE model SET id = 'a b'; UPDATE epoch SET epoch = 9223372036854775807")
            }
            let calls: [() async throws -> Void] = [
                { _ = try await models.page(after: nil, limit: 10, order: .oldestFirst) },
                { _ = try await models.ownership(of: owner) }, { _ = try await models.advanceEpoch(of: owner) },
            ]
            for call in calls {
                let error = await #expect(throws: ModelError.self) { try await call() }
                #expect(error?.code == .damaged)
            }
        }
    }

    @Test("C10 A change asked again after its model's times were moved by two minutes is applied once")
    func operationsOutliveTime() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            try await models.add(1, "0")
            var change = Change([.init("n", .increment(by: 1))], base: 1)
            _ = try await models.commit(change, to: 1)
            try await models.file.write { db, _ in
                try db.execute(sql: "UPDATE model SET created = created - 120000, updated = updated - 120000")
            }
            _ = try await models.commit(Change([.init("other", .set(.null))]), to: 1)
            change.isRepeated = true
            guard case .committed(let commit) = try await models.commit(change, to: 1) else {
                Issue.record("the repetition isn't answered as applied")
                return
            }
            #expect(commit.revision == 2)
            #expect(try await models.fetch(1)?.fields["n"]?.value == EncodedJSON(text: "1"))
        }
    }
}
