import HiredisClient
import RESP
import RedisTestServer
import Synchronization
import Testing

@Suite("A connection for bulk reads")
struct LaneTests {
    @Test("A large reply on the way holds up nobody else's command", .timeLimit(.minutes(1)))
    func apart() async throws {
        let isHeld = Mutex(true)
        try await withRedisServer { server in
            try await withByteProxy(to: server.port) { _ in
                var rules = ProxyRules()
                // A large reply takes long to come.
                rules.toClient = { bytes in
                    guard bytes.count > 4096, isHeld.withLock({ $0 }) else { return [.forward(bytes)] }
                    return [.wait(.seconds(3)), .forward(bytes)]
                }
                return rules
            } _: { port in
                try await withClient(url: "redis://127.0.0.1:\(port)") { client in
                    _ = try await client.send(.command("SET", "small", "v"))
                    _ = try await client.send(.command("SET", "large", String(repeating: "x", count: 1 << 14)))
                    #expect(try await connections(server) == 1)
                    let order = Mutex<[String]>([])
                    async let large = client.send(.command("GET", "large"), retry: .always, lane: .bulk)
                    async let isRead: Void = {
                        // The bulk request is on its way.
                        while try await connections(server) < 2 {}
                        for _ in 0..<10 {
                            let reply = try await client.send(.command("GET", "small"), retry: .always)
                            #expect(reply.reply.string == "v")
                        }
                        order.withLock { $0.append("small") }
                    }()
                    #expect(try await large.reply.count == 1 << 14)
                    order.withLock { $0.append("large") }
                    isHeld.withLock { $0 = false }
                    try await isRead
                    #expect(order.withLock { $0 } == ["small", "large"])
                }
            }
        }
    }

    private func connections(_ server: RedisTestServer) async throws -> Int {
        guard case .text(let list) = try await server.command("CLIENT", "LIST") else { return 0 }
        return list.split(separator: "\n").count { $0.contains("name=sess") }
    }
}
