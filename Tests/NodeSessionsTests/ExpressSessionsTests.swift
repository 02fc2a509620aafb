import Modeler
import NodeSessions
import RedisTestServer
import Testing

@Suite("Sessions of Express in Redis")
struct ExpressSessionsTests {
    @Test("Captured records are read; a write keeps all other bytes, and the time to live is Express's")
    func captured() async throws {
        let records = try Fixtures.read("express-records.json", as: [Fixtures.Record].self)
        for lifetime in Set(records.filter { $0.case != "disable-ttl" }.map(\.ttl)) {
            try await withSessions(lifetime: lifetime) { sessions, server in
                for record in records where record.ttl == lifetime && record.prefix == "sess:" {
                    try await server.command("SET", record.key, record.value, "EX", "20")
                    let members = try #require(try await sessions.load(record.id))
                    #expect(members["cookie"] == nil && members["user"] != nil)
                    let touched = try #require(try await server.command("TTL", record.key).integer)
                    #expect(touched > 20 && touched <= record.ttl)
                    try await server.command("EXPIRE", record.key, "20")
                    try await sessions.update(record.id) { $0["swift"] = try EncodedJSON(encoding: 1) }
                    let written = try #require(try await server.command("GET", record.key).text)
                    let expected = record.value.dropLast() + #","swift":1}"#
                    #expect(Self.withoutExpiry(written) == Self.withoutExpiry(String(expected)))
                    #expect(written.contains(#""expires":null"#) == record.value.contains(#""expires":null"#))
                    let renewed = try #require(try await server.command("TTL", record.key).integer)
                    #expect(renewed > 20 && renewed <= record.ttl)
                }
            }
        }
    }

    /// A record without the instant at which its cookie expires.
    static func withoutExpiry(_ text: String) -> String {
        text.replacing(/"expires":"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z"/, with: #""expires":"…""#)
    }

    @Test("Without a lifetime a write leaves the time to live as it is")
    func noLifetime() async throws {
        try await withSessions(lifetime: nil) { sessions, server in
            try await server.command("SET", "sess:a", #"{"cookie":{},"n":1}"#)
            try await sessions.update("a") { $0["n"] = try EncodedJSON(encoding: 2) }
            _ = try await sessions.load("a")
            #expect(try await server.command("TTL", "sess:a") == .integer(-1))
            try await server.command("EXPIRE", "sess:a", "1000")
            try await sessions.update("a") { $0["n"] = try EncodedJSON(encoding: 3) }
            #expect(try await server.command("TTL", "sess:a").integer ?? 0 > 400)
            #expect(try await server.command("GET", "sess:a") == .text(#"{"cookie":{},"n":3}"#))
        }
    }

    @Test("A session that isn't there is neither read nor made")
    func absent() async throws {
        try await withSessions { sessions, server in
            try await server.command("SET", "sess:empty", "")
            for id in ["a", "empty", ""] {
                let loaded = try await sessions.load(id)
                let updated = try await sessions.update(id) { $0["n"] = .null }
                #expect(loaded == nil && updated == nil)
            }
            #expect(try await server.command("DBSIZE") == .integer(1))
        }
    }

    @Test(
        "What Express would answer with 500, or drop, is refused, and stays as it is",
        arguments: ["x", "[]", "1", "{}", #"{"cookie":null}"#, #"{"cookie":[]}"#])
    func unreadable(_ value: String) async throws {
        try await withSessions { sessions, server in
            try await server.command("SET", "sess:a", value)
            await #expect(throws: NodeSessionError.self) { try await sessions.load("a") }
            await #expect(throws: NodeSessionError.self) { try await sessions.update("a") { $0["n"] = .null } }
            try await server.command("SET", "sess:b", #"{"cookie":{}}"#)
            for name in ["cookie", "id", "save", "regenerate"] {
                await #expect(throws: NodeSessionError.self) { try await sessions.update("b") { $0[name] = .null } }
            }
            #expect(try await server.command("GET", "sess:a") == .text(value))
            #expect(try await server.command("GET", "sess:b") == .text(#"{"cookie":{}}"#))
        }
    }

    @Test("An id that ended is refused, and ended again, when a request in flight in Node brings it back")
    func revived() async throws {
        try await withSessions { sessions, server in
            let value = #"{"cookie":{"originalMaxAge":null,"expires":null},"user":1}"#
            try await server.command("SET", "sess:a", value, "EX", "1000")
            try await sessions.destroy("a")
            for _ in 0..<2 {
                try await server.command("SET", "sess:a", value, "EX", "1000")
                let loaded = try await sessions.load("a")
                #expect(loaded == nil)
                #expect(try await server.command("EXISTS", "sess:a") == .integer(0))
                try await server.command("SET", "sess:a", value, "EX", "1000")
                let updated = try await sessions.update("a") { $0["n"] = .null }
                #expect(updated == nil)
                #expect(try await server.command("EXISTS", "sess:a") == .integer(0))
            }
        }
    }
}
