import HiredisClient
import Modeler
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

    @Test("A record that names another id is refused and its connection closed")
    func foreignRecord() async throws {
        try await withCollection { models, server in
            _ = try await models.insert(NewModel(id: ModelID(1), fields: []), expiry: .never)
            try await server.command("COPY", "test:models:1", "test:models:2")
            let before = try await server.command("CLIENT", "ID")
            let error = await #expect(throws: ModelError.self) { try await models.fetch(ModelID(2)) }
            #expect(error?.code == .outcomeUnknown)
            #expect(try await models.fetch(ModelID(1)) != nil)
            #expect(before != .null)
        }
    }
}
