import HiredisClient
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

@Suite("A write is applied once")
struct WriteOnceTests {
    @Test("W3 The connection closes after any number of bytes of a write's reply: it is applied exactly once")
    func cutReplies() async throws {
        try await withRedisServer { server in
            // The reply to a commit has fewer bytes than this; the rows beyond are plain successes.
            for cut in 0..<130 {
                let id = ModelID.random()
                let isArmed = Mutex(false)
                try await withByteProxy(to: server.port) { connection in
                    var rules = ProxyRules()
                    rules.toClient = { bytes in
                        guard
                            isArmed.withLock({ armed in
                                defer { armed = false }
                                return armed
                            })
                        else { return [.forward(bytes)] }
                        return [.forward(Array(bytes.prefix(cut))), .cut]
                    }
                    return rules
                } _: { port in
                    try await withClient(url: "redis://127.0.0.1:\(port)") { client in
                        let models = try RedisCollection(client: client, name: "models")
                        _ = try await models.insert(NewModel(id: id, fields: []), expiry: Expiry(idle: .seconds(60)))
                        _ = try await models.commit(Change([.init("n", .increment(by: 1))]), to: id)
                        isArmed.withLock { $0 = true }
                        let outcome = try await models.commit(Change([.init("n", .increment(by: 1))], base: 2), to: id)
                        #expect(outcome.commit?.revision == 3, "cut after \(cut) bytes")
                        #expect(outcome.commit?.values.first?.value == EncodedJSON(text: "2"), "cut after \(cut) bytes")
                        let model = try await models.fetch(id)
                        #expect(model?.revision == 3, "cut after \(cut) bytes")
                        #expect(model?.fields["n"]?.value == EncodedJSON(text: "2"), "cut after \(cut) bytes")
                    }
                }
            }
        }
    }

    @Test("An insertion whose answer is lost is answered as inserted, and another under its id is refused")
    func replayedInsertion() async throws {
        try await withCutAnswer { models, cutNext in
            cutNext()
            let model = NewModel(id: ModelID(1), fields: [("a", EncodedJSON(text: "1"))])
            #expect(try await models.insert(model, expiry: .never).commit?.revision == 1)
            guard
                case .exists(let existing) = try await models.insert(
                    NewModel(id: ModelID(1), fields: []), expiry: .never)
            else {
                Issue.record("the second insertion was not refused")
                return
            }
            #expect(existing.fields["a"]?.value == EncodedJSON(text: "1"))
        }
    }

    @Test("Of a removal whose answer is lost nobody says that it removed, and its entry in an index goes all the same")
    func repeatedRemoval() async throws {
        try await withCutAnswer { models, cutNext in
            _ = try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
            cutNext()
            let removal = try await models.removeRecord(ModelID(1))
            #expect(!removal.outcome.isRemoved && removal.mayHaveBeen)
            #expect(try await models.fetch(ModelID(1)) == nil)
            let another = try await models.removeRecord(ModelID(1))
            #expect(!another.outcome.isRemoved && !another.mayHaveBeen)
        }
    }

    @Test("A removal whose answer is lost isn't confirmed by replicas that were never asked about it")
    func unconfirmedRemoval() async throws {
        try await withRedisServer(arguments: ["--repl-diskless-sync-delay", "0"]) { server in
            try await withRedisServer(arguments: ["--replicaof", "127.0.0.1 \(server.port)"]) { _ in
                try await withCutAnswer(of: server, durability: .replicated(within: .milliseconds(250))) {
                    models, cutNext in
                    for number in 1...2 {
                        _ = try await models.insert(NewModel(id: ModelID(number), fields: []), expiry: .never)
                    }
                    try await waitUntil {
                        _ = try await models.insert(NewModel(id: ModelID(3), fields: []), expiry: .never)
                        return try await models.remove(ModelID(3), expecting: .nothing).confirmation == .confirmed
                    }
                    cutNext()
                    #expect(try await models.remove(ModelID(1), expecting: .nothing).confirmation == .unconfirmed)
                    #expect(try await models.remove(ModelID(2), expecting: .nothing).confirmation == .confirmed)
                }
            }
        }
    }

    @Test("A repetition that can't be told from a new write any more is an unknown outcome, not a second write")
    func forgotten() async throws {
        try await withCollection { models, server in
            let id = ModelID(1)
            _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
            for _ in 0..<40 { _ = try await models.commit(Change([.init("n", .increment(by: 1))]), to: id) }
            // What a repetition sends: the operation was the client's at revision 1, and 40 others came after.
            let reply = try await server.command(
                "EVALSHA", models.commitScript.digest, "1", "test:models:1", "ABCDEF", "1", "1", "k", "0", "0", "",
                "0",
                "i", "n", "1"
            )
            #expect(reply == .array([.text("forgotten"), .text("ABCDEF")]))
            #expect(try await models.fetch(id)?.fields["n"]?.value == EncodedJSON(text: "40"))
        }
    }

    /// Runs `body` with a collection on a server of its own whose first connection is cut at the answer after a call of
    /// `cutNext`.
    private func withCutAnswer(
        _ body: (RedisCollection, _ cutNext: () -> Void) async throws -> Void
    ) async throws {
        try await withRedisServer { try await withCutAnswer(of: $0, durability: .acknowledged, body) }
    }

    /// Runs `body` with a collection whose first connection, or the first for writes that replicas are to confirm, is
    /// cut at the answer after a call of `cutNext`.
    private func withCutAnswer(
        of server: RedisTestServer, durability: RedisDurability,
        _ body: (RedisCollection, _ cutNext: () -> Void) async throws -> Void
    ) async throws {
        let isArmed = Mutex(false)
        let position = durability == .acknowledged ? 0 : 1
        try await withByteProxy(to: server.port) { connection in
            var rules = ProxyRules()
            rules.toClient = { bytes in
                connection == position && isArmed.withLock { $0 } ? [.cut] : [.forward(bytes)]
            }
            return rules
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") {
                $0.durability = durability
                // A connection beside it would be another one.
                $0.overdueInterval = .seconds(5)
            } _: { client in
                let models = try RedisCollection(client: client, name: "models")
                // Redis knows the scripts from here on, so the answer that is lost is that to the write itself.
                _ = try await models.insert(NewModel(id: ModelID(0), fields: []), expiry: .never)
                try await models.remove(ModelID(0))
                try await body(models) { isArmed.withLock { $0 = true } }
            }
        }
    }
}
