import RedisTestServer
import SessTestSupport
import Testing

#if os(Linux)
/// What a server's process keeps of connections that are gone, and of requests that are refused.
@Suite struct ResourceTests {
    @Test(
        "R1 Connections that come and go, of clients and to Redis, leave no descriptor behind", .timeLimit(.minutes(10))
    )
    func descriptors() async throws {
        for adapter in AdapterKind.allCases {
            try await withDemo(over: .redis, adapter) { demo, server in
                let server = try #require(server)
                let before = try await settledDescriptors(of: demo)
                let count = TestScale.count(400, full: 10_000)
                for round in 0..<(count / 40) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<40 {
                            group.addTask {
                                let client = TestHTTPClient()
                                let status = try await client.send(
                                    .post("/session", json: #"{"a":1}"#), to: demo.port, keepsConnection: false
                                ).status
                                #expect(status == 200 || status == 503)
                            }
                        }
                        try await group.waitForAll()
                    }
                    if round % 2 == 0 { try await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") }
                    if round % 4 == 0 { try await server.command("CLIENT", "KILL", "TYPE", "pubsub") }
                }
                try await demo.waitUntilHealthy()
                try await eventually { try demo.openDescriptors() == before }
            }
        }
    }

    /// The descriptors once the connections that are made at first are there.
    private func settledDescriptors(of demo: DemoProcess) async throws -> Int {
        let browser = Browser(port: demo.port)
        for _ in 0..<20 { try await browser.post("/session", #"{"a":1}"#) }
        await browser.client.closeIdle()
        var (count, steady) = (0, 0)
        try await eventually {
            let now = try demo.openDescriptors()
            steady = now == count ? steady + 1 : 0
            count = now
            return steady >= 20
        }
        return count
    }

    @Test(
        "R5 Blanks in a head cost a connection no more than the head's limit and 64 KiB, up to 1.5 GiB of them",
        .timeLimit(.minutes(10)))
    func blanks() async throws {
        try await withDemo(["--adapter", "middler"]) { demo in
            let connections = 64
            let (limit, extra) = (32 << 10, 64 << 10)
            // Of each connection 24 MiB at full scale.
            let mebibytes = TestScale.count(2, full: 24)
            let piece = [UInt8](repeating: 0x20, count: 1 << 20)
            func run(_ pieces: [[UInt8]]) async throws {
                let head = Array("GET / HTTP/1.1\r\nHost: a\r\nX:".utf8)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<connections {
                        group.addTask {
                            // Just below the limit at first, all of them at once.
                            let received = try await RawSocket.exchange(
                                port: demo.port, pieces: [head + piece.prefix(limit - 1024)] + pieces,
                                pause: .milliseconds(5))
                            #expect(String(decoding: received, as: UTF8.self).hasPrefix("HTTP/1.1 431 "))
                        }
                    }
                    try await group.waitForAll()
                }
            }
            // What a process allocates once, threads and all.
            for _ in 0..<2 { try await run([Array(piece.prefix(4096))]) }
            let before = try demo.largestMemory()
            try await run(Array(repeating: piece, count: mebibytes))
            let grown = try demo.largestMemory() - before
            #expect(grown <= connections * (limit + extra), "\(grown / 1024) KiB for \(connections) connections")
        }
    }
}
#endif
