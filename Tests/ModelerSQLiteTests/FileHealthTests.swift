import Foundation
import GRDB
import Modeler
import Testing

@testable import ModelerSQLite

@Suite("SQLite files that change while they are open")
struct FileHealthTests {
    static let removals = [["", "-wal", "-shm"], [""], ["-wal", "-shm"], ["-wal"], ["-shm"]]

    @Test("R6 A file or log that is removed refuses reads and writes and is no healthy one", arguments: removals)
    func removed(suffixes: [String]) async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            try await models.add(ModelID(1))
            try await models.file.check()
            for suffix in suffixes { try FileManager.default.removeItem(atPath: directory.file + suffix) }
            try await expectRefusal(of: models, .unavailable, mentions: "removed or replaced")
            await models.file.close()
        }
    }

    @Test("R6 A file or log that is replaced refuses reads and writes", arguments: ["", "-wal", "-shm"])
    func replaced(suffix: String) async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            try await models.add(ModelID(1))
            let path = directory.file + suffix
            try FileManager.default.copyItem(atPath: path, toPath: path + ".copy")
            #expect(rename(path + ".copy", path) == 0)
            try await expectRefusal(of: models, .unavailable, mentions: "removed or replaced")
            await models.file.close()
        }
    }

    @Test("R6 A file that is back where it was serves on")
    func back() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            try await models.add(ModelID(1))
            #expect(rename(directory.file, directory.file + ".away") == 0)
            try await expectRefusal(of: models, .unavailable, mentions: "removed or replaced")
            #expect(rename(directory.file + ".away", directory.file) == 0)
            try await models.increment(ModelID(1))
            try await models.file.check()
            await models.file.close()
        }
    }

    /// Where only the file or only `-wal` is gone, no other process can open what is left.
    @Test(
        "R6 After a removal no write that another process acknowledges is lost, whoever closes the file last",
        arguments: removals.filter { $0 != ["-wal"] && $0 != [""] })
    func acknowledged(suffixes: [String]) async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            for number in 0..<50 { try await models.add(ModelID(number)) }
            for suffix in suffixes { try FileManager.default.removeItem(atPath: directory.file + suffix) }
            await #expect(throws: ModelError.self) { try await models.add(ModelID("refused")) }
            let other = try WriterProcess(["count", directory.file, "4", "50"])
            #expect(await other.end() == 0)
            await models.file.close()
            // A copy, as this process still has the files open that were removed.
            let copy = TestDirectory(path: directory.path + "/copy")
            try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: true)
            for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: directory.file + suffix) {
                try FileManager.default.copyItem(atPath: directory.file + suffix, toPath: copy.file + suffix)
            }
            let written = try SQLiteCollection(path: copy.file, name: "written")
            #expect(try await written.fetch(ModelID("counter"))?["n"].int == 200)
            let verdict = try await written.file.read { db, _ in
                try String.fetchOne(db, sql: "PRAGMA integrity_check")
            }
            #expect(verdict == "ok")
            await written.file.close()
        }
    }

    @Test("R6 A file that a newer version migrates while it is open refuses reads and writes")
    func newerVersion() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            try await models.add(ModelID(1))
            let other = try DatabaseQueue(path: directory.file)
            try await other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
            try await expectRefusal(of: models, .unreadableHere, mentions: "99")
            try other.close()
            await models.file.close()
        }
    }

    @Test("R6 A check of health writes to the disk, and sees a file that is full")
    func full() async throws {
        try await withDirectory { directory in
            let settings = SQLiteSettings(durability: .normal, timeout: .seconds(60), maximumFileBytes: 1 << 20)
            let models = try directory.open(settings)
            try await models.file.check()
            let text = "\"\(String(repeating: "x", count: 500))\""
            await #expect(throws: ModelError.self) {
                for number in 0..<10_000 { try await models.add(ModelID(number), text) }
            }
            let error = await #expect(throws: ModelError.self) { try await models.file.check() }
            #expect(error?.code == .full)
            for number in 0..<200 { try await models.remove(ModelID(number)) }
            try await models.file.check()
            await models.file.close()
        }
    }

    @Test(
        "R6 A damaged file is refused when it is opened, and left as it is", arguments: ["model", "field", "model_id"])
    func damagedAtOpening(name: String) async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            for number in 0..<200 { try await models.add(ModelID(number), "\"\(String(repeating: "x", count: 500))\"") }
            let root = try await models.file.read { db, _ in
                try UInt64.fetchOne(db, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [name])
            }
            await models.file.close()
            let content = try FileHandle(forUpdating: URL(fileURLWithPath: directory.file))
            try content.seek(toOffset: (try #require(root) - 1) * 4096)
            try content.write(contentsOf: Data(repeating: 0xA5, count: 4096))
            try content.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: directory.file))
            let error = #expect(throws: ModelError.self) { try directory.open() }
            #expect(error?.code == .damaged)
            #expect(try Data(contentsOf: URL(fileURLWithPath: directory.file)) == before)
        }
    }

    @Test("R6 An older copy beside the log of the newer file is refused, also a large one", arguments: [false, true])
    func olderCopy(isLarge: Bool) async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            if isLarge {
                let text = "\"\(String(repeating: "x", count: 1 << 20))\""
                let mebibytes = FileConnections.largestCheckedFile >> 20
                for number in 0...mebibytes { try await models.add(ModelID("large-\(number)"), text) }
            }
            for number in 0..<50 { try await models.add(ModelID(number), "\"\(String(repeating: "x", count: 500))\"") }
            let other = try DatabaseQueue(path: directory.file)
            try await other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            let copy = TestDirectory(path: directory.path + "/copy")
            try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: directory.file, toPath: copy.file)
            for number in 50..<400 {
                try await models.add(ModelID(number), "\"\(String(repeating: "x", count: 500))\"")
            }
            try await other.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            for number in 400..<450 {
                try await models.add(ModelID(number), "\"\(String(repeating: "x", count: 500))\"")
            }
            try FileManager.default.copyItem(atPath: directory.file + "-wal", toPath: copy.file + "-wal")
            let error = #expect(throws: ModelError.self) { try copy.open() }
            #expect(error?.code == .damaged)
            try other.close()
            await models.file.close()
        }
    }

    @Test("R6 Damage met while the file is open is an error, never an absent model, and health tells of it")
    func damage() async throws {
        try await withDirectory { directory in
            let writer = try directory.open()
            for number in 0..<200 { try await writer.add(ModelID(number), "\"\(String(repeating: "x", count: 500))\"") }
            await writer.file.close()
            let models = try directory.open()
            let content = try FileHandle(forUpdating: URL(fileURLWithPath: directory.file))
            try content.seek(toOffset: 4096)
            try content.write(contentsOf: Data(repeating: 0xA5, count: 100 * 4096))
            try content.close()
            for number in 0..<200 {
                let error = await #expect(throws: ModelError.self) { try await models.fetch(ModelID(number)) }
                #expect(error?.code == .damaged)
            }
            let error = await #expect(throws: ModelError.self) { try await models.file.check() }
            #expect(error?.code == .damaged)
            await models.file.close()
        }
    }

    private func expectRefusal(of models: SQLiteCollection, _ code: ModelError.Code, mentions text: String) async throws
    {
        // Reads look now and then.
        try await Task.sleep(for: FileWatch.readInterval + .milliseconds(20))
        for operation in [
            { @Sendable in _ = try await models.fetch(ModelID(1)) },
            { @Sendable in try await models.increment(ModelID(1)) },
            { @Sendable in try await models.file.check() },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: ModelError.self) { try await operation() }
            #expect(error?.code == code)
            #expect(error?.message.contains(text) == true)
        }
    }
}
