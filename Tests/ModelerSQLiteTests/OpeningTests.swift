import Foundation
import GRDB
import Modeler
import Testing

@testable import ModelerSQLite

@Suite("Opening SQLite files")
struct OpeningTests {
    @Test("A new file and its log are for their owner alone")
    func permissions() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            try await models.add(ModelID(1))
            for suffix in ["", "-wal", "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: directory.file + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
            }
            await models.file.close()
        }
    }

    @Test(
        "R6 Behind symbolic links a new file and its log are for their owner alone",
        arguments: [["target"], ["%/target"], ["chain", "%/elsewhere/target"], ["elsewhere/target"], ["../%%/target"]])
    func linked(links: [String]) async throws {
        try await withDirectory { directory in
            try FileManager.default.createDirectory(
                atPath: directory.path + "/elsewhere", withIntermediateDirectories: true)
            let name = URL(fileURLWithPath: directory.path).lastPathComponent
            let destinations = links.map {
                $0.replacingOccurrences(of: "%%", with: name).replacingOccurrences(of: "%", with: directory.path)
            }
            var link = directory.file
            for destination in destinations {
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: destination)
                link = directory.path + "/" + destination
            }
            let models = try directory.open()
            try await models.add(ModelID(1))
            try await models.file.check()
            let last = destinations[destinations.count - 1]
            let target = last.hasPrefix("/") ? last : directory.path + "/" + last
            for suffix in ["", "-wal", "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: target + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
            }
            await models.file.close()
        }
    }

    @Test("A symbolic link to itself is refused")
    func endless() async throws {
        try await withDirectory { directory in
            try FileManager.default.createSymbolicLink(atPath: directory.file, withDestinationPath: "models.sqlite")
            let error = #expect(throws: ModelError.self) { try directory.open() }
            #expect(error?.code == .misconfigured)
        }
    }

    @Test("A file of a newer version is refused and left as it is")
    func newer() async throws {
        try await withDirectory { directory in
            await (try directory.open()).file.close()
            try await change(directory.file, "PRAGMA user_version = 99")
            try expectRefusal(.unreadableHere, of: directory, mentions: "99")
        }
    }

    @Test(
        "Another program's database is refused and left as it is",
        arguments: [
            "CREATE TABLE theirs (a)", "PRAGMA application_id = 7", "PRAGMA user_version = 1",
        ])
    func foreign(statement: String) async throws {
        try await withDirectory { directory in
            try await change(directory.file, statement)
            try expectRefusal(.misconfigured, of: directory, mentions: "this library")
        }
    }

    @Test("What is no database is refused and left as it is", arguments: [5, 100, 5000])
    func garbage(count: Int) async throws {
        try await withDirectory { directory in
            try Data(repeating: 0x61, count: count).write(to: URL(fileURLWithPath: directory.file))
            try expectRefusal(.damaged, of: directory, mentions: directory.file)
        }
    }

    @Test("A damaged file is an error for who meets the damage, and no crash")
    func damaged() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            for number in 0..<200 { try await models.add(ModelID(number), "\"\(String(repeating: "x", count: 500))\"") }
            await models.file.close()
            let url = URL(fileURLWithPath: directory.file)
            var content = try Data(contentsOf: url)
            for position in stride(from: 4096, to: content.count, by: 7) { content[position] ^= 0x5A }
            try content.write(to: url)
            let error = await #expect(throws: ModelError.self) {
                let models = try directory.open()
                for number in 0..<200 { _ = try await models.fetch(ModelID(number)) }
            }
            #expect(error?.code == .damaged)
            await #expect(throws: ModelError.self) {
                let models = try directory.open()
                for number in 0..<200 { _ = try await models.increment(ModelID(number)) }
            }
        }
    }

    @Test("A path that can't be a file is refused", arguments: ["", ":memory:", "file:a", "/nowhere/at/all", "/"])
    func paths(path: String) throws {
        let error = #expect(throws: ModelError.self) { try SQLiteCollection(path: path) }
        #expect(error?.code == .misconfigured)
    }

    @Test("Names and settings that make no sense are refused")
    func settings() async throws {
        try await withDirectory { directory in
            for settings in [
                SQLiteSettings(timeout: .zero), SQLiteSettings(maximumWaiting: 0),
                SQLiteSettings(maximumBytesPerModel: -1), SQLiteSettings(maximumFileBytes: 10),
                SQLiteSettings(upkeepInterval: .zero),
            ] {
                let error = #expect(throws: ModelError.self) { try directory.open(settings) }
                #expect(error?.code == .misconfigured)
            }
            #expect(!FileManager.default.fileExists(atPath: directory.file))
            for name in ["", "a\0b", "a\nb"] {
                #expect(throws: ModelError.self) { try SQLiteCollection(path: directory.file, name: name) }
            }
        }
    }

    @Test("Files opened at once by many are made once")
    func together() async throws {
        try await withDirectory { directory in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask { @concurrent in
                        let models = try directory.open()
                        try await models.add(ModelID(number))
                        await models.file.close()
                    }
                }
                try await group.waitForAll()
            }
            let models = try directory.open()
            #expect(try await models.fetch((0..<8).map { ModelID($0) }).allSatisfy { $0 != nil })
            await models.file.close()
        }
    }

    @Test("The sqlite3 shell's views show models and fields")
    func views() async throws {
        try await withDirectory { directory in
            let models = try directory.open(now: { Timestamp(milliseconds: 1_700_000_000_000) })
            try await models.add(ModelID("m"), #"{"a": [1, "é"]}"#, expiry: Expiry(idle: .seconds(60)))
            _ = try await models.commit(Change([.init("__s", .set(EncodedJSON(text: "true")))]), to: ModelID("m"))
            try await models.file.read { db, _ in
                let model = try String.fetchOne(
                    db,
                    sql: """
                        SELECT collection || ' ' || id || ' ' || revision || ' ' || created || ' ' || expires
                            || ' ' || fields
                        FROM models
                        """
                )
                let times = "2023-11-14 22:13:20.000 2023-11-14 22:14:20.000"
                #expect(model == #"models m 2 \#(times) {"__s":true,"n":{"a":[1,"é"]}}"#)
                let field = try String.fetchOne(
                    db,
                    sql: """
                        SELECT collection || ' ' || id || ' ' || revision || ' ' || value FROM fields WHERE name = 'n'
                        """
                )
                #expect(field == #"models m 1 {"a": [1, "é"]}"#)
            }
            await models.file.close()
        }
    }

    private func change(_ path: String, _ statement: String) async throws {
        let connection = try DatabaseQueue(path: path)
        try await connection.writeWithoutTransaction { try $0.execute(sql: statement) }
        try connection.close()
    }

    private func expectRefusal(_ code: ModelError.Code, of directory: TestDirectory, mentions text: String) throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.file))
        let error = #expect(throws: ModelError.self) { try directory.open() }
        #expect(error?.code == code)
        #expect(error?.message.contains(text) == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.file)) == before)
    }
}
