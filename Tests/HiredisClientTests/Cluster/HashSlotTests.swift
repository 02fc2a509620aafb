import RedisTestServer
import Testing

@testable import HiredisClient

@Suite struct HashSlotTests {
    private func slot(_ key: String) -> Int {
        Int(Array(key.utf8).withUnsafeBytes { HashSlot(key: $0) }.number)
    }

    @Test("D7 A key's slot is that of its hash tag, if it has one")
    func tags() {
        #expect(slot("123456789") == 0x31C3)
        #expect(slot("") == 0)
        #expect(slot("{user1000}.following") == slot("user1000"))
        #expect(slot("foo{}{bar}") != slot("bar"))
        #expect(slot("foo{{bar}}zap") == slot("{bar"))
        #expect(slot("foo{bar}{zap}") == slot("bar"))
        #expect(slot("foo{bar") != slot("bar") && slot("foo}bar{") != slot("bar"))
    }

    @Test("D7 Slots are those of a real server")
    func server() async throws {
        var generator = SystemRandomNumberGenerator()
        let keys = (0..<600).map { _ in
            let length = Int.random(in: 0...40, using: &generator)
            return String((0..<length).map { _ in "abcdefgh{}:0123456789é ".randomElement(using: &generator) ?? "x" })
        }
        let port = try freePort()
        try await withRedisServer(arguments: ["--cluster-enabled", "yes", "--cluster-port", "\(port)"]) { server in
            let replies = try await server.commands(keys.map { ["CLUSTER", "KEYSLOT", $0] })
            for (key, reply) in zip(keys, replies) { #expect(reply.integer == slot(key), "\(key)") }
        }
    }
}
