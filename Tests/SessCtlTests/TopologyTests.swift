import Modeler
import ModelerRedis
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Testing

/// The tool with servers that change.
@Suite("sessctl: Sentinel and Cluster")
struct TopologyTests {
    @Test("In a cluster it counts, shows and ends what all masters have")
    func cluster() async throws {
        try await withRedisCluster { cluster in
            try await Self.check(cluster.url, masters: 3)
        }
    }

    @Test("By Sentinel it asks the master")
    func sentinel() async throws {
        try await withRedisSentinels { system in
            try await Self.check(system.url, masters: 1)
        }
    }

    private static func check(_ url: String, masters: Int) async throws {
        let sessions = try RedisCollection(url: url, prefix: "app:", name: "sessions")
        let manager = SessionManager(sessions: sessions)
        var ids: [ModelID] = []
        for number in 0..<30 { ids.append(try await manager.mint(userID: "user-\(number % 3)").id) }
        let environment = ["REDIS_URL": url]
        func run(_ arguments: String...) async throws -> Tool.Result {
            let result = try await Tool.run(
                [arguments[0], "--prefix", "app:", "--format", "json"] + arguments.dropFirst(), environment: environment
            )
            #expect(result.status < 2, "\(arguments): \(result.output) \(result.errors)")
            return result
        }
        #expect(try await run("stats").output.hasPrefix(#"{"sessions":30,"users":3,"#))
        #expect(try await run("show", ids[0].rawValue).output.contains(ids[0].rawValue))
        let doctor = try await run("doctor").output
        #expect(doctor.contains(#""check":"coverage","status":"ok""#) == (masters > 1))
        #expect(try await run("end", "--user", "user-0", "--yes").output.contains(#""ended":10"#))
        #expect(try await run("end", ids[1].rawValue, "--yes").output.contains(#""ended":1"#))
        #expect(try await run("end", "--all", "--yes", "--i-mean", "sessions").output.contains(#""ended":19"#))
        #expect(try await manager.sessions.fetch(ids).allSatisfy { $0 == nil })
    }
}
