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

    private static func files(in directory: String) -> [UInt8] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.flatMap { Array(FileManager.default.contents(atPath: directory + "/" + $0) ?? Data()) }
    }
}
