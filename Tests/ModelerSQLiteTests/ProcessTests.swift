import Foundation
import GRDB
import Modeler
import ModelerSQLite
import Testing

@Suite("SQLite files and processes")
struct ProcessTests {
    @Test("S14 Models outlive the process that wrote them, and their deadlines with them")
    func restart() async throws {
        try await withDirectory { directory in
            let first = try directory.open()
            let commit = try await first.add(ModelID(1), #"{"a":[1.0,"é"]}"#, expiry: Expiry(idle: .seconds(3600)))
            try await first.add(ModelID(2), expiry: Expiry(absolute: .milliseconds(50)))
            let model = try await first.fetch(ModelID(1))
            await first.file.close()
            #expect(!FileManager.default.fileExists(atPath: directory.file + "-wal"))

            try await Task.sleep(for: .milliseconds(60))
            let second = try directory.open()
            #expect(try await second.fetch(ModelID(1)) == model)
            #expect(try await second.fetch(ModelID(1))?.lifetime?.expires == commit.lifetime.expires)
            #expect(try await second.fetch(ModelID(2)) == nil)
            await second.file.close()
        }
    }

    @Test("C10 Increments by two processes are counted exactly")
    func twoProcesses() async throws {
        try await withDirectory { directory in
            let times = TestScale.count(250, full: 1000)
            let writers = try (0..<2).map { _ in try WriterProcess(["count", directory.file, "4", "\(times)"]) }
            for writer in writers { #expect(await writer.end() == 0) }
            let models = try SQLiteCollection(path: directory.file, name: "written")
            let model = try #require(try await models.fetch(ModelID("counter")))
            #expect(model["n"].int == 8 * times)
            #expect(model.revision == 8 * times + 1)
            await models.file.close()
        }
    }

    @Test("D2 A writer killed again and again loses no acknowledged commit, and the file opens")
    func killed() async throws {
        try await withDirectory { directory in
            let log = directory.path + "/acknowledged"
            for _ in 0..<TestScale.count(10, full: 50) {
                let before = size(of: log)
                let writer = try WriterProcess(["endless", directory.file, "4", log])
                let end = ContinuousClock.now + .seconds(60)
                while size(of: log) < before + 200, ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(2))
                }
                try await Task.sleep(for: .milliseconds(.random(in: 0...50)))
                writer.kill()
                await writer.end()
                #expect(size(of: log) > before)
                try await check(directory, log: log)
            }
        }
    }

    private func size(of path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    }

    /// Checks that everything acknowledged is in the file, and that the file is whole.
    private func check(_ directory: TestDirectory, log: String) async throws {
        var acknowledged: [String: Int] = [:]
        // The last line may be cut.
        for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").dropLast() {
            let parts = line.split(separator: " ")
            acknowledged[String(parts[0]), default: 0] = max(acknowledged[String(parts[0])] ?? 0, Int(parts[1]) ?? 0)
        }
        let models = try SQLiteCollection(path: directory.file, name: "written")
        for (task, revision) in acknowledged {
            let model = try #require(try await models.fetch(ModelID("task-\(task)")))
            #expect(model.revision >= revision)
            #expect(model["n"].int == model.revision - 1)
        }
        await models.file.close()
        let connection = try DatabaseQueue(path: directory.file)
        let verdict = try await connection.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        #expect(verdict == "ok")
    }
}
