import HiredisClient
import Modeler
import ModelerTesting
import RedisTestServer
import Testing

@testable import ModelerRedis

@Suite("Histories in Redis")
struct HistoryTests {
    @Test("H5 32 clients of two servers on 100 models: one order explains every answer")
    func mixedLoad() async throws {
        try await withCollection { first, server in
            try await withClient(url: server.url) { client in
                let second = try RedisCollection(client: client, prefix: "test:", name: "models")
                let histories = Histories(operations: TestScale.count(20_000, full: 1_000_000))
                let report = try await histories.run(on: [first, second])
                print("H5 Redis: seed \(histories.seed), \(report)")
                #expect(report.commits > 3000 && report.conflicts > 50 && report.gone > 10)
            }
        }
    }

    @Test("H5 Connections are lost all the time: lost answers are the only gaps")
    func lostConnections() async throws {
        try await withCollection { models, server in
            var histories = Histories(operations: TestScale.count(4000, full: 200_000))
            histories.resendsWrites = true
            let killer = Task {
                while !Task.isCancelled {
                    _ = try? await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                    try? await Task.sleep(for: .milliseconds(40))
                }
            }
            defer { killer.cancel() }
            let report = try await histories.run(on: [models])
            print("H5 Redis with lost connections: seed \(histories.seed), \(report)")
            #expect(report.commits > 400)
        }
    }
}
