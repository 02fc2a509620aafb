import Hummingbird
import PersistRedis
import RedisTestServer
import Testing

@Suite("Hummingbird's storage in Redis")
struct RedisPersistTests {
    @Test("A value is plain JSON under prefix and key, with Redis's own expiry")
    func layout() async throws {
        try await withRedisPersist { persist, server in
            try await persist.set(key: "a", value: ["n": 1], expires: .seconds(1000))
            #expect(try await server.command("GET", "app:a") == .text(#"{"n":1}"#))
            let rest = try #require(try await server.command("TTL", "app:a").integer)
            #expect(rest > 400 && rest <= 1000)
            // As another program of Hummingbird has written it.
            try await server.command("SET", "app:b", #""text""#)
            let text = try await persist.get(key: "b", as: String.self)
            #expect(text == "text")
        }
    }

    @Test("An expiry beyond what Redis takes is a thousand years")
    func longExpiry() async throws {
        try await withRedisPersist { persist, _ in
            try await persist.set(key: "a", value: 1, expires: .seconds(Int64.max))
            let ttl = try #require(try await persist.getWithTTL(key: "a", as: Int.self)?.ttl)
            #expect(ttl > .seconds(31_000_000_000))
        }
    }
}
