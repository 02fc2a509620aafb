import Foundation
import GRDB
import Modeler
import Testing

@testable import ModelerSQLite

/// Copies of a file that is in use.
@Suite("Backups of SQLite files")
struct BackupTests {
    enum Way: CaseIterable, Sendable {
        /// `VACUUM INTO`.
        case vacuum
        /// SQLite's backup, as the shell's `.backup` has it.
        case backup
        /// The library's own.
        case copy
    }

    @Test(
        "R6 A copy made while others write is whole, has all that was acknowledged before, and can be restored",
        arguments: Way.allCases)
    func copied(_ way: Way) async throws {
        try await withDirectory { directory in
            let log = directory.path + "/acknowledged"
            let copy = directory.path + "/copy.sqlite"
            let writer = try WriterProcess(["endless", directory.file, "4", log])
            var acknowledged: [String: Int] = [:]
            do {
                try await waitForWrites(log)
                acknowledged = try revisions(log)
                try await make(copy, of: directory.file, way)
            } catch {
                writer.kill()
                await writer.end()
                throw error
            }
            writer.kill()
            await writer.end()
            #expect(acknowledged.count == 4)

            // Restoring: nobody has the file open, and no log of the old one stays beside the copy.
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: directory.file + suffix) }
            try FileManager.default.moveItem(atPath: copy, toPath: directory.file)
            let models = try SQLiteCollection(path: directory.file, name: "written")
            for (task, revision) in acknowledged {
                let model = try #require(try await models.fetch(ModelID("task-\(task)")))
                #expect(model.revision >= revision)
                #expect(model["n"].int == model.revision - 1)
                let commit = try await models.increment(ModelID("task-\(task)"))
                #expect(commit.revision == model.revision + 1)
            }
            try await models.file.check()
            let settings = try await models.file.read { db, _ in
                try ["integrity_check", "journal_mode", "auto_vacuum"].map {
                    try String.fetchOne(db, sql: "PRAGMA \($0)")
                }
            }
            #expect(settings == ["ok", "wal", "2"])
            await models.file.close()
        }
    }

    private func make(_ copy: String, of path: String, _ way: Way) async throws {
        if way == .copy {
            let file = try SQLiteFile(path: path)
            try await file.copy(to: copy)
            return await file.close()
        }
        let source = try DatabaseQueue(path: path)
        switch way {
        case .vacuum:
            try await source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
        case .backup:
            let destination = try DatabaseQueue(path: copy)
            try source.backup(to: destination)
            try destination.close()
        case .copy: break
        }
        try source.close()
    }

    private func waitForWrites(_ log: String) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if let known = try? revisions(log), known.count == 4, known.values.allSatisfy({ $0 > 20 }) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The newest revision that each task was told. The last line may be cut.
    private func revisions(_ log: String) throws -> [String: Int] {
        var newest: [String: Int] = [:]
        for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").dropLast() {
            let parts = line.split(separator: " ")
            newest[String(parts[0])] = max(newest[String(parts[0])] ?? 0, Int(parts[1]) ?? 0)
        }
        return newest
    }
}
