import HiredisClient
import Modeler
import RESP
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

@Suite("Replies that belong to somebody else")
struct WrongReplyTests {
    /// What a proxy does to the replies of one connection.
    private enum Fault: CaseIterable { case swallow, double, swap }

    @Test("W4 A reply swallowed, doubled or swapped with the next: no model reaches another caller")
    func foreignReplies() async throws {
        let delivered = Tally()
        try await withRedisServer { server in
            let ids = (0..<100).map { ModelID($0) }
            try await withClient(url: server.url) { client in
                let models = try RedisCollection(client: client, name: "models")
                for id in ids {
                    let owner = try EncodedJSON(encoding: id.rawValue)
                    _ = try await models.insert(NewModel(id: id, fields: [("owner", owner)]), expiry: .never)
                }
            }
            for round in 0..<TestScale.count(30, full: 300) {
                let fault = Fault.allCases[round % Fault.allCases.count]
                let victim = 5 + round % 150
                try await withByteProxy(to: server.port) { connection in
                    connection == 0 ? Self.rules(fault, at: victim) : ProxyRules()
                } _: { port in
                    try await withClient(url: "redis://127.0.0.1:\(port)") { client in
                        let models = try RedisCollection(client: client, name: "models")
                        await withTaskGroup(of: Void.self) { group in
                            for id in ids {
                                group.addTask {
                                    do {
                                        let model = try await models.fetch(id)
                                        #expect(
                                            try model?.fields["owner"]?.value.decode(String.self) ?? id.rawValue
                                                == id.rawValue)
                                        delivered.add(done: 1)
                                    } catch {
                                        delivered.add(failed: 1)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        let counts = delivered.counts
        #expect(counts.done > 0)
        #expect(counts.failed > 0, "no fault was noticed, so none was injected")
    }

    private static func rules(_ fault: Fault, at victim: Int) -> ProxyRules {
        let state = Mutex((framer: ReplyFramer(), count: 0, held: [UInt8]?.none))
        var rules = ProxyRules()
        rules.toClient = { bytes in
            state.withLock { state in
                var steps: [ProxyStep] = []
                for frame in state.framer.frames(bytes) {
                    state.count += 1
                    if let held = state.held {
                        steps += [.forward(frame), .forward(held)]
                        state.held = nil
                    } else if state.count == victim {
                        switch fault {
                        case .swallow: break
                        case .double: steps += [.forward(frame), .forward(frame)]
                        case .swap: state.held = frame
                        }
                    } else {
                        steps.append(.forward(frame))
                    }
                }
                return steps
            }
        }
        return rules
    }

    @Test("D16 A record that names another id is unreadable, and costs the connection and its other callers nothing")
    func foreignRecord() async throws {
        try await withCollection { models, server in
            _ = try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
            try await server.command("COPY", "test:models:1", "test:models:2")
            func connection() async throws -> Int64? {
                try await models.client.send(.command("CLIENT", "ID")).reply.integer
            }
            let before = try await connection()
            for _ in 0..<20 {
                async let other = models.fetch(ModelID(1))
                let error = await #expect(throws: ModelError.self) { try await models.fetch(ModelID(2)) }
                #expect(error?.code == .unreadable)
                #expect(try await other != nil)
            }
            let listed = await #expect(throws: ModelError.self) { try await models.fetch([ModelID(1), ModelID(2)]) }
            #expect(listed?.code == .unreadable)
            #expect(try await connection() == before)
        }
    }

    @Test("D16 A key of another type is unreadable by itself, and costs a fetch of several nothing but its model")
    func otherType() async throws {
        try await withCollection { models, server in
            let ids = [ModelID(1), ModelID(2), ModelID(3)]
            for id in [ids[0], ids[2]] { _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never) }
            try await server.command("SET", "test:models:2", "x")
            #expect(try await models.fetch(ids).map { $0?.id } == [ids[0], nil, ids[2]])
            let error = await #expect(throws: ModelError.self) { try await models.fetch(ids[1]) }
            #expect(error?.code == .unreadable)
            #expect(error?.message.contains("models 2") == true)
        }
    }

    @Test("D16 Listing and scanning go past wrong records, and close no connection")
    func listing() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                let models = try RedisCollection(client: client, prefix: "test:", name: "models", listing: true)
                for number in 1...4 {
                    _ = try await models.insert(NewModel(id: ModelID(number), fields: []), expiry: .never)
                }
                try await server.commands([
                    ["COPY", "test:models:1", "test:models:2", "REPLACE"],
                    ["SET", "test:models:3", "x"],
                ])
                let ids = [ModelID(1), ModelID(4)]
                func connection() async throws -> Int64? {
                    try await client.send(.command("CLIENT", "ID"), lane: .bulk).reply.integer
                }
                let before = try await connection()
                for _ in 0..<5 {
                    #expect(try await models.page(after: nil, limit: 10, order: .oldestFirst).ids == ids)
                    #expect(Set(try await models.scan(after: nil, limit: 100).ids) == Set(ids))
                }
                #expect(try await models.list(load: .normal).map(\.id) == ids)
                #expect(try await connection() == before)
            }
        }
    }

    @Test("Many models are read apart from what others read")
    func bulk() async throws {
        try await withCollection { models, server in
            let ids = (1...40).map { ModelID($0) }
            for id in ids { _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never) }
            #expect(try await models.fetch(Array(ids.prefix(16))).count == 16)
            func connections() async throws -> Int {
                guard case .text(let list) = try await server.command("CLIENT", "LIST") else { return 0 }
                return list.split(separator: "\n").count { $0.contains("name=sess") }
            }
            #expect(try await connections() == 1)
            #expect(try await models.fetch(ids).compactMap(\.self).count == 40)
            #expect(try await connections() == 2)
        }
    }
}
