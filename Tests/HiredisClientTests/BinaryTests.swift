import HiredisClient
import RESP
import RedisTestServer
import Testing

@Suite struct BinaryTests {
    @Test("F4 Names and values with line breaks, NUL, % and 1 MiB are stored as they are")
    func binary() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                let large = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
                let texts = ["\r\n", "a\r\n*1\r\n$8\r\nFLUSHALL\r\n", "\0", "%0d%0a%", "$-1\r\n", "", "ü\u{2028}"]
                for content in texts.map({ Array($0.utf8) }) + [large, [0xFF, 0xFE, 0x00]] {
                    let replies = try await client.send(
                        .build(capacity: content.count * 3) { encoder in
                            encoder.command("DEL", argumentCount: 2)
                            encoder.argument("h")
                            encoder.command("HSET", argumentCount: 4)
                            encoder.argument("h")
                            encoder.argument(content)
                            encoder.argument(content[...])
                            encoder.command("HGETALL", argumentCount: 2)
                            encoder.argument("h")
                        }
                    )
                    #expect(replies[1].integer == 1)
                    #expect(replies[2].elements.map { Array($0.bytes ?? []) } == [content, content])
                }
            }
        }
    }
}
