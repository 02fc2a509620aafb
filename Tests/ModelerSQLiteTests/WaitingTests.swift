import Foundation
import GRDB
import Modeler
import Testing

@testable import ModelerSQLite

@Suite("Waiting for a SQLite file")
struct WaitingTests {
    @Test("While another process holds the write lock, writes end at their deadline and reads go on")
    func locked() async throws {
        try await withDirectory { directory in
            let models = try directory.open(SQLiteSettings(timeout: .milliseconds(300)))
            try await models.add(ModelID(1))
            try await withLock(on: directory.file) {
                let start = ContinuousClock.now
                let error = await #expect(throws: ModelError.self) { try await models.increment(ModelID(1)) }
                #expect(error?.code == .timeout)
                #expect(ContinuousClock.now - start >= .milliseconds(300))
                let revision = try await models.fetch(ModelID(1))?.revision
                #expect(revision == 1)
            }
            try await retry { try await models.increment(ModelID(1)) }
            #expect(try await models.fetch(ModelID(1))?["n"] == 2)
            await models.file.close()
        }
    }

    @Test("A cancelled write returns while the lock is held, and is not applied afterwards")
    func cancelled() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            try await models.add(ModelID(1))
            try await withLock(on: directory.file) {
                let task = Task { try await models.increment(ModelID(1)) }
                try await Task.sleep(for: .milliseconds(50))
                task.cancel()
                let error = await #expect(throws: ModelError.self) { try await task.value }
                #expect(error?.code == .cancelled)
            }
            try await models.increment(ModelID(1))
            #expect(try await models.fetch(ModelID(1))?["n"] == 2)
            await models.file.close()
        }
    }

    @Test("A task that is cancelled already does nothing")
    func cancelledBefore() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await models.add(ModelID(1))
            }
            let error = await #expect(throws: ModelError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            #expect(try await models.fetch(ModelID(1)) == nil)
            await models.file.close()
        }
    }

    @Test("Beyond maximumWaiting writes are refused at once; those that wait are done")
    func overloaded() async throws {
        try await withDirectory { directory in
            let models = try directory.open(SQLiteSettings(timeout: .seconds(60), maximumWaiting: 4))
            try await models.add(ModelID(1), "0")
            var tasks: [Task<Commit, any Error>] = []
            try await withLock(on: directory.file) {
                for _ in 0..<20 { tasks.append(Task { try await models.increment(ModelID(1)) }) }
                try await Task.sleep(for: .milliseconds(200))
            }
            var codes: [ModelError.Code] = []
            for task in tasks {
                do { _ = try await task.value } catch let error as ModelError { codes.append(error.code) }
            }
            #expect(codes == Array(repeating: .overloaded, count: 16))
            #expect(try await models.fetch(ModelID(1))?["n"] == 4)
            await models.file.close()
        }
    }

    @Test("Writes that share a transaction are applied and refused each by itself")
    func shared() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            for number in 0..<10 { try await models.add(ModelID(number), number % 2 == 0 ? "0" : "\"text\"") }
            var tasks: [Task<Commit, any Error>] = []
            try await withLock(on: directory.file) {
                for number in 0..<10 { tasks.append(Task { try await models.increment(ModelID(number)) }) }
                try await Task.sleep(for: .milliseconds(100))
            }
            for (number, task) in tasks.enumerated() {
                let result = await task.result
                if number % 2 == 0 {
                    #expect(try result.get().revision == 2)
                } else {
                    #expect(throws: ModelError.self) { try result.get() }
                }
            }
            #expect(try await models.fetch(ModelID(1))?.revision == 1)
            await models.file.close()
        }
    }

    @Test(
        "A write for which the file has no room takes none with it of those that share its transaction",
        arguments: [0, 8]
    )
    func sharedWithoutRoom(interruptions: Int) async throws {
        try await withDirectory { directory in
            let settings = SQLiteSettings(durability: .normal, timeout: .seconds(60), maximumFileBytes: 1 << 20)
            let models = try directory.open(settings)
            let large = "\"\(String(repeating: "x", count: 2 << 20))\""
            var tasks: [Task<Commit, any Error>] = []
            try await withLock(on: directory.file) {
                for number in 0..<40 {
                    tasks.append(Task { try await models.add(ModelID(number), number == 5 ? large : "1") })
                }
                try await Task.sleep(for: .milliseconds(100))
            }
            // Another process that writes for longer than one attempt at the lock takes, and soon again.
            for _ in 0..<interruptions {
                try await withLock(on: directory.file) { try await Task.sleep(for: .milliseconds(150)) }
            }
            for (number, task) in tasks.enumerated() {
                guard case .failure(let error) = await task.result else { continue }
                #expect(number == 5 && (error as? ModelError)?.code == .full)
            }
            #expect(try await models.rowCount() == 39)
            #expect(try await models.fetch(ModelID(5)) == nil)
            await models.file.close()
        }
    }

    @Test("After close every operation says so")
    func closed() async throws {
        try await withDirectory { directory in
            let models = try directory.open()
            try await models.add(ModelID(1))
            await models.file.close()
            for _ in 0..<2 {
                let read = await #expect(throws: ModelError.self) { try await models.fetch(ModelID(1)) }
                let write = await #expect(throws: ModelError.self) { try await models.increment(ModelID(1)) }
                #expect(read?.code == .unavailable && write?.code == .unavailable)
                await models.file.close()
            }
        }
    }

    /// Runs `body` while another connection holds the write lock.
    private func withLock(on path: String, _ body: () async throws -> Void) async throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(10)
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        try await other.writeWithoutTransaction { try $0.rollback() }
        try other.close()
        try result.get()
    }

    /// Tries again after a deadline that a busy machine has let pass.
    private func retry(_ body: () async throws -> Void) async throws {
        for _ in 0..<20 {
            do { return try await body() } catch let error as ModelError where error.code == .timeout {}
        }
        try await body()
    }
}
