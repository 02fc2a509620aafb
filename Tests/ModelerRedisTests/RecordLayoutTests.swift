import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("A record in Redis")
struct RecordLayoutTests {
    let id = ModelID(42)

    @Test("A record is one hash under prefix, name and id, names itself and reads well")
    func layout() async throws {
        try await withCollection(prefix: "myapp:", name: "sessions") { sessions, server in
            let model = NewModel(
                id: id, fields: [("name", EncodedJSON(text: "\"Zoë\"")), ("n", EncodedJSON(text: "1"))])
            let inserted = try await sessions.insert(
                model, expiry: Expiry(idle: .seconds(60), absolute: .seconds(3600)))
            let created = inserted.commit?.created.milliseconds ?? 0
            _ = try await sessions.commit(Change([.init("n", .set(EncodedJSON(text: "2")))]), to: id)
            #expect(try await server.command("KEYS", "*") == .array([.text("myapp:sessions:42")]))
            var hash = try await server.hash("myapp:sessions:42")
            let stored = hash.removeValue(forKey: "@")
            let metadata = try #require(stored).split(separator: " ").map(String.init)
            #expect(metadata[0...2] == ["1", "2", "\(created)"])
            #expect(metadata[4...5] == ["60000", "3600000"])
            #expect(hash.removeValue(forKey: "@ops")?.count == 12)
            #expect(hash == ["@id": "42", "name": "1:\"Zoë\"", "n": "2:2"])
            // Before Redis 7 the compact form has another name.
            let encoding = try await server.command("OBJECT", "ENCODING", "myapp:sessions:42").text
            #expect(["listpack", "ziplist"].contains(encoding))
        }
    }

    @Test("C5 A record has its time to live from its first instant: the nearer of its two limits")
    func timeToLive() async throws {
        try await withCollection { models, server in
            for (expiry, expected) in [
                (Expiry(idle: .seconds(60), absolute: .seconds(3600)), 60_000),
                (Expiry(idle: .seconds(3600), absolute: .seconds(60)), 60_000),
                (Expiry(idle: .seconds(60)), 60_000), (Expiry(absolute: .seconds(60)), 60_000),
            ] {
                let id = ModelID.random()
                let commit = try #require(try await models.insert(NewModel(id: id, fields: []), expiry: expiry).commit)
                #expect(commit.lifetime.remaining == .seconds(60))
                let left = try #require(try await server.command("PTTL", "test:models:\(id)").integer)
                #expect((expected - 5000...expected).contains(left))
                let fetched = try #require(try await models.fetch(id))
                #expect(fetched.lifetime?.expiry == expiry)
                #expect(fetched.lifetime?.expires == commit.lifetime.expires)
            }
            let id = ModelID.random()
            _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
            #expect(try await server.command("PTTL", "test:models:\(id)") == .integer(-1))
            let replaced = try await models.commit(Change(renewal: .replace(Expiry(idle: .seconds(9)))), to: id)
            #expect(replaced.commit?.lifetime.remaining == .seconds(9))
        }
    }

    @Test("C9 A store's clock that has gone back leaves records readable, their times in order")
    func clockBack() async throws {
        try await withCollection { models, server in
            let first = try #require(
                try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never).commit)
            let created = Int(first.created.milliseconds) + 3_600_000
            try await server.command(
                "HSET", "test:models:42", "@", "1 1 \(created) 0 60000 7200000 60000 1", "@id", "42", "n", "1:1")
            try await server.command("PEXPIREAT", "test:models:42", "\(created + 60000)")
            for revision in 2...4 {
                let change = Change([.init("n", .increment(by: 1))], renewal: .touch)
                let commit = try #require(try await models.commit(change, to: id).commit)
                #expect(commit.revision == revision)
                let model = try #require(try await models.fetch(id))
                #expect(model.created.milliseconds == created)
                #expect(model.updated >= model.created)
                #expect(model.lifetime?.remaining ?? .zero > .zero)
            }
        }
    }

    @Test("C9 The store's own clock dates everything: a fetch knows it to the millisecond")
    func storeTime() async throws {
        try await withCollection { models, server in
            _ = try await models.insert(NewModel(id: id, fields: []), expiry: Expiry(idle: .seconds(60)))
            guard case .array(let before) = try await server.command("TIME"),
                let model = try await models.fetch(id), case .array(let after) = try await server.command("TIME")
            else {
                Issue.record("no TIME or no model")
                return
            }
            func milliseconds(_ time: [TestReply]) -> Int64 {
                Int64(time[0].text ?? "")! * 1000 + Int64(time[1].text ?? "")! / 1000
            }
            let now = try #require(model.lifetime?.now.milliseconds)
            #expect((milliseconds(before) - 1...milliseconds(after) + 1).contains(now))
        }
    }

    @Test("A key that holds something else, or a record of another version, is unreadable and stays as it is")
    func unreadable() async throws {
        try await withCollection { models, server in
            try await server.commands([
                ["SET", "test:models:text", "{}"],
                ["HSET", "test:models:hash", "a", "1"],
                ["HSET", "test:models:version", "@", "2 1 1 1 1 1 1", "@id", "version", "a", "1:1"],
                ["HSET", "test:models:older", "@", "0 1 1 1 0 0 0 1", "@id", "older", "a", "1:1"],
                ["HSET", "test:models:field", "@", "1 1 1 1 0 0 0 1", "@id", "field", "a", "no revision"],
            ])
            for name in ["text", "hash", "version", "older", "field"] {
                let code: ModelError.Code = name == "version" ? .unreadableHere : .unreadable
                let id = try ModelID(name)
                let before = try await server.command("DUMP", "test:models:\(name)")
                let error = await #expect(throws: ModelError.self) { try await models.fetch(id) }
                #expect(error?.code == code, "\(name)")
                if name == "field" { continue }
                let writes: [() async throws -> Void] = [
                    { _ = try await models.commit(Change([.init("a", .set(EncodedJSON(text: "2")))]), to: id) },
                    { _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never) },
                    { _ = try await models.commit(Change(), to: id) },
                ]
                for (index, write) in writes.enumerated() {
                    let error = await #expect(throws: ModelError.self) { try await write() }
                    #expect(error?.code == code, "\(name), write \(index)")
                }
                #expect(try await server.command("DUMP", "test:models:\(name)") == before)
                #expect(try await models.remove(id))
            }
        }
    }

    @Test("Collections of one prefix with different names don't touch each other's keys; odd names are refused")
    func keySpaces() async throws {
        try await withCollection(prefix: "p:", name: "a") { first, server in
            let second = try RedisCollection(client: first.client, prefix: "p:", name: "b")
            _ = try await first.insert(NewModel(id: id, fields: [("x", EncodedJSON(text: "1"))]), expiry: .never)
            #expect(try await second.fetch(id) == nil)
            #expect(try await second.remove(id) == false)
            #expect(try await first.fetch(id) != nil)
            for name in ["", "a:b", "a{b", "a}b", "a\nb", "a\u{0}"] {
                #expect(throws: ModelError.self) { try RedisCollection(client: first.client, name: name) }
            }
            #expect(throws: ModelError.self) { try RedisCollection(client: first.client, prefix: "{x}", name: "a") }
            #expect(try await server.command("DBSIZE") == .integer(1))
        }
    }

    @Test("A URL that can't be used is refused with the reason and without its password")
    func badURL() {
        let error = #expect(throws: ModelError.self) {
            try RedisCollection(url: "redis://user:hunter2@:bad/x", name: "sessions")
        }
        #expect(error?.code == .misconfigured)
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
    }

    @Test("Values and limits beyond the bounds are refused before Redis is asked")
    func bounds() async throws {
        try await withCollection { models, server in
            let small = try RedisCollection(client: models.client, name: "small", maximumBytes: 100)
            let large = EncodedJSON(unchecked: Array("\"\(String(repeating: "x", count: 100))\"".utf8)[...])
            let error = await #expect(throws: ModelError.self) {
                try await small.insert(NewModel(id: id, fields: [("a", large)]), expiry: .never)
            }
            #expect(error?.code == .tooLarge)
            for expiry in [Expiry(idle: .zero), Expiry(absolute: .seconds(-1)), Expiry(idle: .seconds(1 << 32))] {
                let error = await #expect(throws: ModelError.self) {
                    try await models.insert(NewModel(id: id, fields: []), expiry: expiry)
                }
                #expect(error?.code == .invalidChange)
            }
            #expect(try await server.command("DBSIZE") == .integer(0))
        }
    }

    @Test("Thousands of fields in one change are stored and read")
    func manyFields() async throws {
        try await withCollection { models, _ in
            let fields = (0..<5000).map { (name: "field\($0)", value: EncodedJSON(text: "1")) }
            _ = try await models.insert(NewModel(id: id, fields: fields), expiry: .never)
            let change = Change(fields.map { FieldChange($0.name, .set(EncodedJSON(text: "22"))) })
            #expect(try await models.commit(change, to: id).commit?.revision == 2)
            let model = try #require(try await models.fetch(id))
            #expect(model.fields.count == 5000)
            #expect(model.fields.allSatisfy { $0.revision == 2 && $0.value == EncodedJSON(text: "22") })
            let removal = Change(fields.map { FieldChange($0.name, .remove) })
            _ = try await models.commit(removal, to: id)
            #expect(try await models.fetch(id)?.fields.isEmpty == true)
        }
    }
}
