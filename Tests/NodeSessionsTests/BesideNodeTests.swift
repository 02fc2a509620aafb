import Foundation
import Modeler
import NodeSessions
import RedisTestServer
import Testing

@Suite("Beside an app in Node")
struct BesideNodeTests {
    private static let value =
        #"{"cookie":{"originalMaxAge":3600000,"expires":"2026-11-21T00:57:37.585Z","httpOnly":true,"path":"/"}}"#

    @Test("1,000 requests that alternate between Node and Swift: no error in Node, no change is lost")
    func alternating() async throws {
        try await withSessions { sessions, server in
            try await server.command("SET", "sess:a", Self.value, "EX", "3600")
            try await NodeProgram.run(server) { node in
                for _ in 0..<500 {
                    let errors = try await node.requests(["a"])
                    #expect(errors.isEmpty)
                    try await Self.increment("swift", sessions, "a")
                }
            }
            try await expectCount(sessions, server, "a", ["node": 500, "swift": 500])
        }
    }

    @Test("200 pairs of requests at once: no error in Node, and Swift overwrites no change of Node or of Swift")
    func pairs() async throws {
        try await withSessions { sessions, server in
            let ids = (0..<200).map { "s\($0)" }
            for id in ids { try await server.command("SET", "sess:\(id)", Self.value, "EX", "3600") }
            try await NodeProgram.run(server) { node in
                async let errors = node.requests(ids)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for id in ids { group.addTask { try await Self.increment("swift", sessions, id) } }
                    try await group.waitForAll()
                }
                #expect(try await errors.isEmpty)
            }
            // Node's write may be the blind one that drops Swift's member: only Node's own is sure to be there.
            for id in ids { try await expectCount(sessions, server, id, ["node": 1]) }
            // Two of Swift's at once.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in ids {
                    group.addTask { try await Self.increment("first", sessions, id) }
                    group.addTask { try await Self.increment("second", sessions, id) }
                }
                try await group.waitForAll()
            }
            for id in ids { try await expectCount(sessions, server, id, ["node": 1, "first": 1, "second": 1]) }
        }
    }

    private static func increment(_ name: String, _ sessions: ExpressSessions, _ id: String) async throws {
        let members = try await sessions.update(id) { members in
            let count = try members[name]?.decode(Int.self) ?? 0
            members[name] = try EncodedJSON(encoding: count + 1)
        }
        #expect(members != nil)
    }

    private func expectCount(
        _ sessions: ExpressSessions, _ server: RedisTestServer, _ id: String, _ counts: [String: Int]
    ) async throws {
        let members = try #require(try await sessions.load(id))
        for (name, count) in counts {
            let stored = try members[name]?.decode(Int.self)
            #expect(stored == count, "\(name) of \(id)")
        }
        #expect(try await server.command("GET", "sess:\(id)").text?.hasPrefix(#"{"cookie":{"#) == true)
        #expect(try await server.command("TTL", "sess:\(id)").integer ?? 0 > 1000)
    }
}
