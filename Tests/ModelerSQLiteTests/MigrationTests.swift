import Foundation
import GRDB
import Modeler
import ModelerTesting
import Testing

@testable import ModelerSQLite

@Suite("Migrations of SQLite files")
struct MigrationTests {
    @Test(
        "A file of each older version is brought to the newest, with all that is in it",
        arguments: 1..<Schema.migrations.count)
    func older(version: Int) async throws {
        try await withDirectory { directory in
            try await make(directory.file, version: version)
            let models = try directory.open()
            let found = try #require(try await models.fetch(ModelID("m")))
            #expect(found.revision == 2 && found["n"] == 7)
            #expect(try await models.increment(ModelID("m")).revision == 3)
            #expect(try await models.list() == [ModelID("m")])
            let owner = try OwnerID("alice")
            #expect(try await models.renew(ModelID("m"), of: owner, epoch: 0, expires: nil).isOwned)
            #expect(try await models.ownership(of: owner).owned == [ModelID("m")])
            await models.file.close()
            #expect(try await userVersion(directory.file) == Schema.migrations.count)
        }
    }

    @Test("A migration that fails leaves the file as it was, and may be tried again")
    func failing() async throws {
        try await withDirectory { directory in
            try await make(directory.file, version: 1)
            let connection = try DatabaseQueue(path: directory.file)
            await #expect(throws: DatabaseError.self) {
                try await connection.writeWithoutTransaction { db in
                    let broken = Schema.migrations[0...0] + ["CREATE TABLE half (a); CREATE TABLE model (a)"]
                    try Schema.migrate(db, by: Array(broken))
                }
            }
            let tables = try await connection.read { db in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master WHERE name = 'half'")
            }
            #expect(tables == 0)
            try connection.close()
            #expect(try await userVersion(directory.file) == 1)
            let models = try directory.open()
            #expect(try await models.fetch(ModelID("m"))?["n"] == 7)
            await models.file.close()
        }
    }

    @Test("Many who open an older file at once migrate it once")
    func together() async throws {
        try await withDirectory { directory in
            try await make(directory.file, version: 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { @concurrent in
                        let models = try directory.open()
                        try await models.increment(ModelID("m"))
                        await models.file.close()
                    }
                }
                try await group.waitForAll()
            }
            let models = try directory.open()
            #expect(try await models.fetch(ModelID("m"))?["n"] == 15)
            await models.file.close()
        }
    }

    /// Makes a file as a library of an older version has left it, with one model.
    private func make(_ path: String, version: Int) async throws {
        let connection = try DatabaseQueue(path: path)
        try await connection.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL")
            try Schema.migrate(db, by: Array(Schema.migrations.prefix(version)))
            try db.execute(
                sql: """
                    INSERT INTO model (collection, id, revision, created, updated, size, operations)
                    VALUES ('models', 'm', 2, 1700000000000, 1700000001000, 2, 'AAAAAABBBBBB');
                    INSERT INTO field (model, name, revision, value) VALUES (last_insert_rowid(), 'n', 2, '7');
                    """
            )
        }
        try connection.close()
    }

    private func userVersion(_ path: String) async throws -> Int? {
        let connection = try DatabaseQueue(path: path)
        return try await connection.read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    }
}
