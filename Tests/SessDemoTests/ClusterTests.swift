import Foundation
import Modeler
import RedisTestServer
import SessTestSupport
import Synchronization
import Testing

/// Two nodes on one Redis, without sticky sessions.
@Suite struct ClusterTests {
    @Test("A session begun on one node is read, changed and destroyed through the other")
    func shared() async throws {
        try await withCluster { first, second, server in
            let browser = Browser(port: first.port)
            let begun = try await browser.post("/session", #"{"a":1}"#)
            let read = try await browser.get("/session", to: second.port)
            #expect(read.id == begun.id)
            #expect(read.json["a"] == 1)
            let changed = try await browser.post("/session", #"{"b":2}"#, to: second.port)
            #expect(changed.rev == 2)
            #expect(changed.setCookies.isEmpty)
            let back = try await browser.get("/session", to: first.port)
            #expect(back.json["a"] == 1)
            #expect(back.json["b"] == 2)
            let kept = browser.copy()
            #expect(try await browser.send(.delete("/session"), to: second.port).status == 204)
            #expect(try await kept.get("/session", to: first.port).rev == 0)
            #expect(try await server.keys().isEmpty)
        }
    }

    @Test("One node is killed and the other goes on with every session")
    func killedNode() async throws {
        try await withCluster { first, second, _ in
            let browsers = (0..<20).map { _ in Browser(port: first.port) }
            for (index, browser) in browsers.enumerated() { try await browser.post("/session", #"{"n":\#(index)}"#) }
            first.kill()
            for (index, browser) in browsers.enumerated() {
                #expect(
                    try await browser.get("/session", to: second.port).json["n"] == JSONValue(integerLiteral: index)
                )
                let next = try await browser.post("/session/increment?field=n", to: second.port)
                #expect(next.json["n"] == JSONValue(integerLiteral: index + 1))
            }
        }
    }

    @Test("Redis restarts with AOF on, and the sessions are still there")
    func redisRestart() async throws {
        try await withCluster(redis: ["--appendonly", "yes"]) { first, second, server in
            let browser = Browser(port: first.port)
            let begun = try await browser.post("/session", #"{"a":1}"#)
            try await server.restart()
            try await eventually { try await browser.get("/health", to: first.port).status == 200 }
            try await eventually { try await browser.get("/health", to: second.port).status == 200 }
            for port in [first.port, second.port] {
                let read = try await browser.get("/session", to: port)
                #expect(read.id == begun.id)
                #expect(read.json["a"] == 1)
            }
            #expect(try await server.keysWithoutTTL().isEmpty)
        }
    }

    @Test("C5 Every key has a TTL at every instant, also while nodes are killed")
    func everyKeyExpires() async throws {
        try await withSlotAndServer { server in
            let arguments = ["--store", server.url, "--prefix", StoreKind.prefix]
            for _ in 0..<TestScale.count(3, full: 50) {
                let demo = try await DemoProcess.start(arguments)
                let isOver = Flag()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<8 {
                        group.addTask { await Self.load(port: demo.port, seed: index, until: isOver) }
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
                #expect(try await server.keysWithoutTTL().isEmpty)
            }
        }
    }

    /// Every kind of write, until the node is gone.
    private static func load(port: Int, seed: Int, until isOver: Flag) async {
        let paths = [
            "/session/increment?field=n", "/session/rotate", "/session/increment?field=m", "/session/regenerate",
            "/session/increment?field=n",
        ]
        let browser = Browser(port: port)
        var index = seed
        while !isOver.isRaised {
            index += 1
            // The node is killed under this load, so requests fail.
            _ = try? await browser.post(paths[index % paths.count])
        }
    }

    @Test("L7 No secret of any cookie is in Redis's memory, or passes to it; L6 or is in a log")
    func noSecrets() async throws {
        try await withCluster(redis: ["--appendonly", "yes"]) { first, second, server in
            let client = TestHTTPClient()
            let tapped = Mutex<[UInt8]>([])
            let rules = { @Sendable (_: Int) -> ProxyRules in
                var rules = ProxyRules()
                rules.toServer = { bytes in
                    tapped.withLock { $0 += bytes }
                    return [.forward(bytes)]
                }
                return rules
            }
            let third = try await withByteProxy(to: server.port, rules: rules) { proxyPort in
                try await withDemo(["--store", "redis://127.0.0.1:\(proxyPort)", "--prefix", StoreKind.prefix]) {
                    third in
                    try await third.waitUntilHealthy()
                    for _ in 0..<10 {
                        let browser = Browser(port: third.port, client: client)
                        for port in [third.port, first.port, second.port] {
                            for request in [
                                TestRequest.post("/session", json: #"{"a":1}"#), .post("/session/rotate"),
                                .form("/sign-in", "name=alice"), .get("/session"),
                            ] {
                                #expect(try await browser.send(request, to: port).status == 200, "\(request.path)")
                            }
                        }
                    }
                    // A failing store must not make a node write its cookies down either.
                    return third.output + third.errors
                }
            }
            let secrets = client.issuedSecrets
            #expect(secrets.count == 10 * 7)
            let snapshot = String(decoding: try await server.snapshot(), as: UTF8.self)
            let appended = String(decoding: Self.files(in: server.directory + "/appendonlydir"), as: UTF8.self)
            let passed = String(decoding: tapped.withLock { $0 }, as: UTF8.self)
            #expect(snapshot.contains("__token"))
            #expect(appended.contains("__token"))
            #expect(passed.contains("HGETALL"))
            let logs = [first, second].map { $0.output + $0.errors }.joined() + third
            for secret in secrets {
                for text in [snapshot, appended, passed, logs] { #expect(!text.contains(secret)) }
            }
        }
    }

    private static func files(in directory: String) -> [UInt8] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.flatMap { Array(FileManager.default.contents(atPath: directory + "/" + $0) ?? Data()) }
    }
}
