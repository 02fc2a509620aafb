import Foundation
import Modeler
import RedisTestServer
import SessTestSupport
import Testing

/// Commands that change nothing.
@Suite("sessctl: looking")
struct LookingTests {
    private static let commands = [
        "", "doctor", "stats", "top", "list", "show", "end", "watch", "acl", "backup", "restore", "bench",
    ]

    @Test("The help of each command", arguments: commands)
    func help(_ command: String) async throws {
        let result = try await Tool.run(command.isEmpty ? ["--help"] : [command, "--help"])
        #expect(result.status == 0)
        try Golden.expect(result.output, "help" + (command.isEmpty ? "" : "-\(command)"))
    }

    @Test(
        "Lists, shown sessions, counts and the largest ones in each format, and no token",
        arguments: SeededStore.Kind.allCases)
    func looks(_ kind: SeededStore.Kind) async throws {
        try await withSeededStore(kind) { store in
            for format in ["table", "json", "jsonl"] {
                let looks: [(name: String, result: Tool.Result)] = [
                    ("list", try await store.run("list", "--user", "alice", "--format", format)),
                    ("list-none", try await store.run("list", "--user", "carol", "--format", format)),
                    ("show", try await store.run("show", "s-3", "--format", format)),
                    ("show-values", try await store.run("show", "s-4", "--values", "--format", format)),
                    ("stats", try await store.run("stats", "--every", "1", "--format", format)),
                    ("top", try await store.run("top", "--limit", "2", "--format", format)),
                ]
                for (name, result) in looks {
                    #expect(result.status == 0, "\(result.errors)")
                    #expect(result.errors == "")
                    try Golden.expect(result.output, "\(name).\(format)")
                    for token in store.tokens {
                        let secret = token.split(separator: ".").last ?? ""
                        #expect(!result.output.contains(secret))
                    }
                    #expect(name == "show-values" || !result.output.contains("hidden"))
                }
            }
            #expect(try await store.ids().count == 4)
        }
    }

    @Test("A token in place of an id is refused without being shown", arguments: ["show", "end", "watch"])
    func tokens(_ command: String) async throws {
        let secret = "0123456789012345678901234567890123456789012"
        for token in ["v1.abcdef.\(secret)", "sess=v1.abcdef.\(secret)", "\(secret)%"] {
            let result = try await Tool.run([command, token])
            #expect(result.status == 64)
            #expect(!(result.output + result.errors).contains(secret))
            #expect(result.errors.contains("id"))
        }
    }

    @Test("The doctor finds what is right and what isn't", arguments: SeededStore.Kind.allCases)
    func doctor(_ kind: SeededStore.Kind) async throws {
        try await withSeededStore(kind) { store in
            let result = try await store.run("doctor", "--format", "jsonl")
            let lines = result.output.split(separator: "\n").map(String.init)
            func status(_ check: String) -> String? {
                lines.first { $0.hasPrefix(#"{"check":"\#(check)""#) }
            }
            #expect(status("deadlines")?.contains(#""ok","detail":"4 sessions"#) == true)
            guard kind == .redis else {
                #expect(result.status == 0, "\(result.output)")
                #expect(status("health")?.contains(#""ok""#) == true)
                return
            }
            #expect(result.status == 1)
            for check in ["reach", "version", "role", "tls", "eviction", "replicas", "clock"] {
                #expect(status(check)?.contains(#""ok""#) == true, "\(check): \(result.output)")
            }
            #expect(status("acl")?.contains("default") == true)
            #expect(status("persistence")?.contains(#""warning""#) == true)
        }
    }

    @Test("The doctor fails for a replica and for a server that isn't there, within seconds")
    func sickServers() async throws {
        try await withRedisServer { server in
            try await server.command("REPLICAOF", "127.0.0.1", "1")
            let replica = try await Tool.run(["doctor", "--store", server.url])
            #expect(replica.status == 2)
            try await server.kill()
            let start = ContinuousClock.now
            let dead = try await Tool.run(["doctor", "--store", server.url])
            #expect(dead.status == 2)
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }

    @Test("Wrong credentials are an error that shows none of them; a password on the command line is refused")
    func credentials() async throws {
        try await withRedisServer(arguments: ["--requirepass", "right"]) { server in
            let environment = ["REDIS_URL": "redis://:s3cret@127.0.0.1:\(server.port)"]
            let wrong = try await Tool.run(["list", "--user", "alice"], environment: environment)
            #expect(wrong.status == 2)
            #expect(wrong.errors.hasPrefix("error: "))
            #expect(!(wrong.output + wrong.errors).contains("s3cret"))
            let shown = try await Tool.run(["list", "--user", "a", "--store", "redis://:s3cret@127.0.0.1"])
            #expect(shown.status == 2)
            #expect(shown.errors.contains("REDIS_URL"))
            #expect(!shown.errors.contains("s3cret"))
        }
    }

    @Test("A value of the environment that can't be used is an error that names its key")
    func environment() async throws {
        let result = try await Tool.run(["stats"], environment: ["REDIS_CONNECTIONS": "many"])
        #expect(result.status == 2)
        #expect(result.errors.contains("redis.connections (REDIS_CONNECTIONS in the environment)"))
        #expect(!result.errors.contains("many"))
    }

    @Test("The printed rights are those of the article for operators")
    func rights() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let article = try String(
            contentsOf: root.appending(path: "Sources/Sess/Sess.docc/RunningInProduction.md"), encoding: .utf8)
        let printed = try await Tool.run(["acl"]).output
        func words(_ text: some StringProtocol) -> [Substring] {
            text.split { $0.isWhitespace || $0 == "\\" }.map { Substring($0) }
        }
        let begin = try #require(article.range(of: "ACL SETUSER "))
        let end = try #require(article.range(of: "\n```", range: begin.upperBound..<article.endIndex))
        #expect(words(printed) == words(article[begin.lowerBound..<end.lowerBound]))
    }
}
