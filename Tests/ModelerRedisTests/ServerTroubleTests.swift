import HiredisClient
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

@Suite("Redis in trouble")
struct ServerTroubleTests {
    @Test("D5 Scripts are flushed all the time: nothing fails and nothing is applied twice")
    func scriptFlush() async throws {
        try await withCollection { models, server in
            let id = ModelID(1)
            _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
            let rounds = TestScale.count(100, full: 2000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<rounds {
                            let outcome = try await models.commit(Change([.init("n", .increment(by: 1))]), to: id)
                            #expect(outcome.commit != nil)
                        }
                    }
                }
                let flusher = Task {
                    while !Task.isCancelled {
                        try await server.command("SCRIPT", "FLUSH")
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
                try await group.waitForAll()
                flusher.cancel()
            }
            let model = try #require(try await models.fetch(id))
            #expect(try model.fields["n"]?.value.decode(Int.self) == 8 * rounds)
            #expect(model.revision == 8 * rounds + 1)
        }
    }

    @Test("D5 Connections are killed under load: every increment that was answered is counted once")
    func clientKill() async throws {
        try await withCollection { models, server in
            let id = ModelID(1)
            _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
            let counts = Tally()
            let rounds = TestScale.count(300, full: 5000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var base = 1
                        for _ in 0..<rounds {
                            do {
                                let change = Change([.init("n", .increment(by: 1))], base: base)
                                let commit = try await models.commit(change, to: id).commit
                                base = commit?.revision ?? base
                                counts.add(done: 1)
                            } catch let error as ModelError where error.code == .outcomeUnknown {
                                counts.add(failed: 1)
                            } catch let error as ModelError where error.code == .unavailable {
                                try await Task.sleep(for: .milliseconds(10))
                            }
                        }
                    }
                }
                let killer = Task {
                    while !Task.isCancelled {
                        try await server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
                try await group.waitForAll()
                killer.cancel()
            }
            let (applied, unknown) = counts.counts
            let total = try await models.fetch(id)?.fields["n"]?.value.decode(Int.self) ?? 0
            #expect(
                (applied...applied + unknown).contains(total),
                "\(applied) applied, \(unknown) unknown, \(total) counted")
            #expect(applied > 0)
        }
    }

    @Test("D5 Without memory, writes are refused as full; reads and removals go on")
    func outOfMemory() async throws {
        try await withCollection { models, server in
            let id = ModelID(1)
            _ = try await models.insert(NewModel(id: id, fields: [("a", EncodedJSON(text: "1"))]), expiry: .never)
            try await server.commands([
                ["CONFIG", "SET", "maxmemory-policy", "noeviction"], ["CONFIG", "SET", "maxmemory", "1"],
            ])
            let error = await #expect(throws: ModelError.self) {
                try await models.commit(Change([.init("a", .set(EncodedJSON(text: "2")))]), to: id)
            }
            #expect(error?.code == .full)
            #expect(try await models.fetch(id)?.fields["a"]?.value == EncodedJSON(text: "1"))
            #expect(try await models.remove(id))
            #expect(try await models.fetch(id) == nil)
        }
    }

    @Test("D1 With Redis absent every operation fails as unavailable; when it is back they work")
    func absent() async throws {
        try await withRedisServer(startsNow: false) { server in
            try await withClient(url: server.url, configure: { $0.disconnectedWait = .milliseconds(200) }) { client in
                let models = try RedisCollection(client: client, name: "models")
                let id = ModelID(1)
                for operation in [
                    { _ = try await models.fetch(id) }, { _ = try await models.remove(id) },
                    { _ = try await models.commit(Change(), to: id) },
                    { _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never) },
                    { _ = try await models.commit(Change(), to: id) },
                ] as [() async throws -> Void] {
                    let error = await #expect(throws: ModelError.self) { try await operation() }
                    #expect(error?.code == .unavailable)
                }
                try await server.start()
                let deadline = ContinuousClock.now + .seconds(10)
                while (try? await models.fetch(id)) == nil, ContinuousClock.now < deadline {
                    if (try? await models.insert(NewModel(id: id, fields: []), expiry: .never)) != nil { break }
                }
                #expect(try await models.fetch(id)?.revision == 1)
            }
        }
    }

    @Test(
        "D3 Redis is stopped: reads fail at their deadline, writes as unknown, and no late reply reaches another call")
    func stopped() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url, configure: { $0.commandTimeout = .milliseconds(300) }) { client in
                let models = try RedisCollection(client: client, name: "models")
                let ids = (0..<20).map { ModelID($0) }
                for id in ids {
                    let owner = try EncodedJSON(encoding: id.rawValue)
                    _ = try await models.insert(NewModel(id: id, fields: [("owner", owner)]), expiry: .never)
                }
                server.pause()
                await withTaskGroup(of: Void.self) { group in
                    for id in ids {
                        group.addTask {
                            let error = await #expect(throws: ModelError.self) { try await models.fetch(id) }
                            #expect(error?.code == .timeout)
                        }
                    }
                }
                let write = await #expect(throws: ModelError.self) {
                    try await models.commit(Change([.init("n", .increment(by: 1))]), to: ids[0])
                }
                #expect(write?.code == .outcomeUnknown)
                server.resume()
                for id in ids.reversed() {
                    let model = try await models.fetch(id)
                    #expect(try model?.fields["owner"]?.value.decode(String.self) == id.rawValue)
                }
            }
        }
    }

    @Test("D5 A read whose connection is lost with every answer is unavailable: nothing is in doubt")
    func lostReads() async throws {
        try await withRedisServer { server in
            let loses = Latch()
            try await withByteProxy(to: server.port) { _ in
                var rules = ProxyRules()
                rules.toClient = { loses.isSet ? [.cut] : [.forward($0)] }
                return rules
            } _: { port in
                try await withClient(
                    url: "redis://127.0.0.1:\(port)", configure: { $0.disconnectedWait = .milliseconds(200) }
                ) { client in
                    let models = try RedisCollection(client: client, name: "models", listing: true)
                    let id = ModelID(1)
                    _ = try await models.insert(NewModel(id: id, fields: []), expiry: .never)
                    loses.set()
                    let reads: [@Sendable () async throws -> Void] = [
                        { _ = try await models.fetch(id) }, { _ = try await models.fetch([id, ModelID(2)]) },
                        { _ = try await models.scan(after: nil, limit: 10) },
                        { _ = try await models.page(after: nil, limit: 10, order: .oldestFirst) },
                    ]
                    for (number, read) in reads.enumerated() {
                        let error = await #expect(throws: ModelError.self) { try await read() }
                        #expect(error?.code == .unavailable, "read \(number)")
                    }
                }
            }
        }
    }
}
