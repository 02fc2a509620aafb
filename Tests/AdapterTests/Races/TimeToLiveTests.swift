import RedisTestServer
import SessTestSupport
import Testing

/// That nothing stays in Redis for ever.
@Suite struct TimeToLiveTests {
    @Test(
        "C5 Every key has a TTL at every instant, also while nodes are killed", arguments: AdapterKind.allCases)
    func everyKeyExpires(_ adapter: AdapterKind) async throws {
        try await withSlotAndServer { server in
            let arguments = ["--adapter", adapter.rawValue, "--store", server.url, "--prefix", StoreKind.prefix]
            for _ in 0..<TestScale.count(2, full: 50) {
                let demo = try await DemoProcess.start(arguments)
                defer { demo.removeFiles() }
                let isOver = Flag()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<8 {
                        group.addTask { await Self.load(port: demo.port, seed: index, until: isOver) }
                    }
                    defer {
                        demo.kill()
                        isOver.raise()
                    }
                    try await eventually { try await !server.keys().isEmpty }
                    let end = ContinuousClock.now + .milliseconds(400)
                    while ContinuousClock.now < end {
                        #expect(try await server.keysWithoutTTL().isEmpty)
                    }
                    demo.kill()
                    isOver.raise()
                    try await group.waitForAll()
                }
                #expect(try await !server.keys().isEmpty)
                #expect(try await server.keysWithoutTTL().isEmpty)
            }
        }
    }

    /// Every kind of write, until the node is gone.
    private static func load(port: Int, seed: Int, until isOver: Flag) async {
        let requests = [
            TestRequest.post("/session/increment?field=n"), .post("/session/rotate"), .form("/sign-in", "name=alice"),
            .post("/session", json: #"{"a":1}"#), .get("/session"), .post("/session/regenerate"),
        ]
        let browser = Browser(port: port)
        var index = seed
        while !isOver.isRaised {
            index += 1
            // The node is killed under this load, so requests fail.
            _ = try? await browser.send(requests[index % requests.count])
        }
    }
}
