import Foundation
import HiredisClient
import Modeler
import ModelerTesting
import RedisTestServer
import Testing

@testable import ModelerRedis

/// A user of Redis with exactly the rights that the article for operators names.
@Suite("The least rights in Redis")
struct LeastPrivilegeTests {
    private static let checks =
        CollectionConformance.checks + CollectionConformance.ownershipChecks + CollectionConformance.scanChecks
        + CollectionConformance.ownerScanChecks

    @Test("D10 They suffice for all that a store does, with owners, lists and ends, and each is needed")
    func suffice() async throws {
        let rule = try Self.documentedRule()
        try await withRedisServer { server in
            #expect(try await server.commands([["ACL", "SETUSER"] + rule]) == [.text("OK")])
            let url = "redis://app:pw@127.0.0.1:\(server.port)"
            try await withClient(url: url, configure: { $0.roleCheckInterval = .milliseconds(1) }) { client in
                await Self.run(Self.checks, client, listing: false)
                await Self.run(CollectionConformance.listingChecks, client, listing: true)
                try await Self.useTheRest(client, server)
            }
            #expect(try await server.command("ACL", "LOG") == .array([]))

            let used = try await Self.usedCommands(server)
            let unused = Set(rule.filter { $0.hasPrefix("+") }.map { String($0.dropFirst()) }).subtracting(used)
            // The number of a database, and the second look at a record that names another's id.
            #expect(unused.subtracting(["select", "echo"]) == [])
        }
    }

    /// What the checks have no occasion for: the upkeep of an index, signals of ends, owners of very many models, and
    /// models of the greatest size.
    private static func useTheRest(_ client: RedisClient, _ server: RedisTestServer) async throws {
        let models = try RedisCollection(
            client: client, prefix: "myapp:", name: "listed", maximumBytes: 64, listing: true)
        let id = ModelID(1)
        _ = try await models.insert(NewModel(id: id, fields: []), expiry: Expiry(absolute: .seconds(600)))
        try await server.command("DEL", "myapp:listed:")
        #expect(try await models.rebuildIndex().added == 1)
        let half = EncodedJSON(text: "\"0123456789012345678901234\"")
        #expect(try await models.commit(Change([.init("a", .set(half))]), to: id).commit != nil)
        let error = await #expect(throws: ModelError.self) {
            try await models.commit(Change([.init("b", .set(half))]), to: id)
        }
        #expect(error?.code == .tooLarge)
        do {
            var signals = models.endSignals(of: id).makeAsyncIterator()
            #expect(await signals.next() == .told)
            #expect(try await models.remove(id))
            #expect(await signals.next() == .told)
        }
        while try await server.command("PUBSUB", "CHANNELS") != .array([]) {
            try await Task.sleep(for: .milliseconds(5))
        }
        let members = (0..<1_100).flatMap { ["4000000000000", "m\($0)"] }
        try await server.commands([["ZADD", "myapp:listed:owner:616c696365"] + members])
        #expect(try await models.ownership(of: OwnerID("alice")).owned.count == 1_100)
        try await waitUntil { client.serverCheck.isOver }
    }

    private static func run(_ checks: [ConformanceCheck], _ client: RedisClient, listing: Bool) async {
        let store = CollectionUnderTest(timeUnit: .milliseconds(500)) { hooks in
            try RedisCollection(
                client: client, prefix: "myapp:\(ModelID.random()):", name: "models", hooks: hooks, listing: listing)
        }
        await runSideBySide(checks, on: store)
    }

    /// The commands that ran, also within scripts.
    private static func usedCommands(_ server: RedisTestServer) async throws -> Set<String> {
        let statistics = try await server.command("INFO", "commandstats").text ?? ""
        let names = statistics.split(whereSeparator: \.isNewline).compactMap { line -> String? in
            guard line.hasPrefix("cmdstat_"), let end = line.firstIndex(of: ":") else { return nil }
            return String(line[line.index(line.startIndex, offsetBy: "cmdstat_".count)..<end])
        }
        return Set(names)
    }

    /// The words of the rule in the article, with a password for the test.
    private static func documentedRule() throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let article = try String(
            contentsOf: root.appending(path: "Sources/Sess/Sess.docc/RunningInProduction.md"), encoding: .utf8)
        let begin = try #require(article.range(of: "ACL SETUSER "))
        let end = try #require(article.range(of: "\n```", range: begin.upperBound..<article.endIndex))
        let words = article[begin.upperBound..<end.lowerBound].split { $0.isWhitespace || $0 == "\\" }
        return words.map { $0.hasPrefix(">") ? ">pw" : String($0) }
    }
}
