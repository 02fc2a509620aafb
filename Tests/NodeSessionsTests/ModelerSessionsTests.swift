import HiredisClient
import Modeler
import RedisTestServer
import Testing

@testable import NodeSessions

@Suite("Sessions of Node's sess in Redis")
struct ModelerSessionsTests {
    private static let id = "RiVeO3JzxqeUXhK63nce8GDzg0AFK9Gf"
    private static let value = #"{"id":"\#(id)","rev":1,"n":1,"_types":{"rev":"number","n":"number"}}"#

    @Test("A change of a captured session raises rev and keeps every other byte that Node wrote")
    func captured() async throws {
        let records = try Fixtures.read("modeler-records.json", as: [Fixtures.ModelerRecord].self)
        try await withServer { client, server in
            for record in records where record.step == "login" {
                let sessions = ModelerSessions(client: client, prefix: record.prefix, name: record.name)
                try await server.command("SET", record.key, record.value)
                let members = try #require(try await sessions.load(record.id))
                #expect(members["id"] == nil && members["rev"] == nil && members["_types"] == nil)
                let user = try #require(try members["user"]?.value())
                guard case .object(let object) = user else { throw ModelError(.invalidJSON, "no object") }
                #expect(object["roles"] == .array([.string("admin"), .string("user")]))
                try await sessions.update(record.id) { $0["views"] = try EncodedJSON(encoding: 2) }
                let written = try #require(try await server.command("GET", record.key).text)
                let expected = record.value.replacing(#""rev":1,"#, with: #""rev":2,"#)
                    .replacing(#""views":1,"#, with: #""views":2,"#)
                #expect(Self.withoutTime(written) == Self.withoutTime(expected) && written != expected)
                #expect(try await server.command("TTL", record.key) == .integer(-1))
            }
        }
    }

    private static func withoutTime(_ text: String) -> String {
        text.replacing(/"updated":"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z"/, with: #""updated":"…""#)
    }

    /// Whether JSON has all of a value: it has no date, no regular expression, and no member that is undefined or NaN.
    private static func isJSON(_ script: String, _ stored: String) -> Bool {
        let types = ["date", "regexp", "undefined", "function", "buffer"]
        return !types.contains { stored.contains("\"\($0)\"") } && !script.contains("NaN") && !script.contains("Inf")
    }

    @Test("Types are taken away and added as the package in Node does")
    func types() throws {
        var count = 0
        for vector in try Fixtures.read("hydration-vectors.json", as: [Fixtures.Hydration].self) {
            guard let text = vector.stored, Self.isJSON(vector.js, text) else { continue }
            let stored = try JSONValue(parsing: text)
            let plain = TypedJSON.plain(stored, type: "object")
            #expect(TypedJSON.typed(plain).value == stored, "\(vector.js)")
            count += 1
        }
        #expect(count >= 8)
    }

    @Test(
        "Only 32 letters and digits are an id",
        arguments: ["_idx", "", "undefined", "a:b", "\(id)x", "RiVe-3JzxqeUXhK63nce8GDzg0AFK9Gf"])
    func ids(_ id: String) async throws {
        #expect(ModelerSessions.sessionID(in: "sess=\(id)") == nil)
        #expect(ModelerSessions.sessionID(in: "a=b; sess=\(Self.id)") == Self.id)
        try await withServer { client, server in
            let sessions = ModelerSessions(client: client, prefix: "app:")
            try await server.command("SET", "app:sessions:\(id)", Self.value)
            let loaded = try await sessions.load(id)
            let updated = try await sessions.update(id) { $0["n"] = .null }
            try await sessions.destroy(id)
            #expect(loaded == nil && updated == nil)
            #expect(try await server.command("GET", "app:sessions:\(id)") == .text(Self.value))
        }
    }

    @Test("A record that names another id, or has no revision, is refused and stays as it is")
    func unreadable() async throws {
        try await withServer { client, server in
            let sessions = ModelerSessions(client: client, prefix: "app:")
            for value in ["1", "[]", "{}", #"{"id":"x","rev":1}"#, #"{"id":"\#(Self.id)"}"#] {
                try await server.command("SET", "app:sessions:\(Self.id)", value)
                await #expect(throws: NodeSessionError.self) { try await sessions.load(Self.id) }
                await #expect(throws: NodeSessionError.self) {
                    try await sessions.update(Self.id) { $0["n"] = .null }
                }
                #expect(try await server.command("GET", "app:sessions:\(Self.id)") == .text(value))
            }
        }
    }

    @Test("With a lifetime, what a write of Node left without one has it again at the next use")
    func lifetime() async throws {
        try await withServer { client, server in
            let sessions = ModelerSessions(client: client, prefix: "app:", lifetime: 1000)
            let key = "app:sessions:\(Self.id)"
            try await server.command("SET", key, Self.value)
            _ = try await sessions.load(Self.id)
            #expect(try await server.command("TTL", key).integer ?? 0 > 400)
            try await server.command("SET", key, Self.value)
            try await sessions.update(Self.id) { $0["n"] = nil }
            #expect(try await server.command("TTL", key).integer ?? 0 > 400)
        }
    }

    @Test("50 increments at once all count, each with a revision; the end takes the session out of Node's list")
    func changesAtOnce() async throws {
        try await withServer { client, server in
            let sessions = ModelerSessions(client: client, prefix: "app:")
            try await server.command("SET", "app:sessions:\(Self.id)", Self.value)
            try await server.command("ZADD", "app:sessions:", "1", Self.id)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await sessions.update(Self.id) { members in
                            let count = try members["n"]?.decode(Int.self) ?? 0
                            members["n"] = try EncodedJSON(encoding: count + 1)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let text = try #require(try await server.command("GET", "app:sessions:\(Self.id)").text)
            #expect(text.contains(#""rev":51,"n":51,"#))
            try await sessions.destroy(Self.id)
            #expect(try await server.command("EXISTS", "app:sessions:\(Self.id)", "app:sessions:") == .integer(0))
        }
    }
}
