import Foundation
import GRDB
import Hummingbird
import PersistSQLite
import RedisTestServer
import Testing

@Suite("Hummingbird's storage in a SQLite file")
struct SQLitePersistTests {
    @Test("Values outlive the driver, and two drivers on one file see the same")
    func oneFile() async throws {
        try await withFile { path in
            let first = try SQLitePersist(path: path)
            try await first.set(key: "a", value: 1)
            let second = try SQLitePersist(path: path)
            try await second.set(key: "a", value: 2)
            let seen = try await first.get(key: "a", as: Int.self)
            #expect(seen == 2)
            try await first.shutdown()
            try await second.shutdown()
            let kept = try await SQLitePersist(path: path).get(key: "a", as: Int.self)
            #expect(kept == 2)
        }
    }

    @Test("As a service it sweeps what has expired, and nothing else")
    func tidy() async throws {
        try await withFile { path in
            let persist = try SQLitePersist(path: path, tidyInterval: .milliseconds(1))
            for number in 0..<1200 { try await persist.set(key: "\(number)", value: number, expires: .zero) }
            try await persist.set(key: "long", value: 1, expires: .seconds(1000))
            try await persist.set(key: "forever", value: 2)
            let file = try DatabaseQueue(path: path)
            let task = Task { try await persist.run() }
            try await waitUntil {
                try await file.read { try String.fetchAll($0, sql: "SELECT key FROM persist") } == ["forever", "long"]
            }
            task.cancel()
            try await task.value
        }
    }

    @Test("A value expires by the clock that it was given, at that millisecond")
    func clock() async throws {
        try await withFile { path in
            let early = try SQLitePersist(path: path, now: { 1_000_000 })
            try await early.set(key: "a", value: 1, expires: .seconds(5))
            let last = try await SQLitePersist(path: path, now: { 1_004_999 }).get(key: "a", as: Int.self)
            #expect(last == 1)
            let end = try SQLitePersist(path: path, now: { 1_005_000 })
            let gone = try await end.get(key: "a", as: Int.self)
            #expect(gone == nil)
            // What is set anew has nothing of the expired one's time.
            try await end.set(key: "a", value: 2)
            let entry = try await end.getWithTTL(key: "a", as: Int.self)
            #expect(entry?.object == 2 && entry?.ttl == nil)
        }
    }

    @Test("Another program's database is refused and stays as it is; the own file is its owner's alone")
    func foreignFile() async throws {
        try await withFile { path in
            try await DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE other (n)") }
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(throws: SQLitePersistError.foreignFile) { try SQLitePersist(path: path) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            _ = try SQLitePersist(path: path + "2")
            let mode = try FileManager.default.attributesOfItem(atPath: path + "2")[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }
}
