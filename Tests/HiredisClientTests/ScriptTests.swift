import HiredisClient
import RedisTestServer
import Testing

@Suite struct ScriptTests {
    @Test("A script's name is the one that Redis gives it, whatever its length")
    func digest() async throws {
        #expect(RedisScript("").digest == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        #expect(RedisScript("abc").digest == "a9993e364706816aba3e25717850c26c9cd0d89d")
        try await withRedisServer { server in
            for length in [1, 40, 46, 47, 48, 54, 55, 56, 110, 1_000] {
                let script = RedisScript("return '" + String(repeating: "x", count: length) + "'")
                let loaded = try await server.command("SCRIPT", "LOAD", script.source)
                #expect(loaded.text == script.digest)
            }
        }
    }
}
