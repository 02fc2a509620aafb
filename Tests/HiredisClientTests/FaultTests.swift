import HiredisClient
import RESP
import RedisTestServer
import ServiceLifecycle
import Synchronization
import Testing

@Suite struct FaultTests {
    @Test("D1 Without Redis a command fails at once and unsent; the client is back when Redis is")
    func absent() async throws {
        try await withRedisServer(startsNow: false) { server in
            try await withClient(url: server.url) { client in
                for _ in 0..<3 {
                    let start = ContinuousClock.now
                    let error = await #expect(throws: RedisError.self) { try await client.ping() }
                    #expect(error?.code == .notSent)
                    #expect((error?.underlying as? RedisError)?.code == .connectFailed)
                    // The code tells the wait of 200 ms from the timeout of 2 s; the bound is for a busy machine.
                    #expect(ContinuousClock.now - start < .seconds(10))
                    #expect(!client.health.isConnected)
                }
                try await server.start()
                let start = ContinuousClock.now
                while (try? await client.ping()) == nil, ContinuousClock.now - start < .seconds(10) {}
                #expect(ContinuousClock.now - start < .seconds(10))
                #expect(client.health.isConnected)
            }
        }
    }

    @Test("D1 After a restart the client is back by itself, with all that was acknowledged")
    func restart() async throws {
        try await withRedisServer(arguments: ["--appendonly", "yes"]) { server in
            try await withClient(url: server.url) { client in
                _ = try await client.send(.command("SET", "k", "v"))
                try await server.restart()
                let start = ContinuousClock.now
                while (try? await client.ping()) == nil, ContinuousClock.now - start < .seconds(10) {}
                let value = try await client.send(.command("GET", "k"), retry: .always)
                #expect(value.reply.string == "v")
            }
        }
    }

    @Test("D3 A stopped server: calls fail at their deadline, and no late reply reaches a new caller")
    func stopped() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { configuration in
                configuration.commandTimeout = .milliseconds(300)
                configuration.stallTimeout = .milliseconds(900)
                configuration.connectTimeout = .milliseconds(500)
            } _: { client in
                try await client.ping()
                server.pause()
                let pausedFor = Duration.milliseconds(TestScale.count(1_500, full: 5_000))
                let end = ContinuousClock.now + pausedFor
                var number = 0
                while ContinuousClock.now < end {
                    number += 1
                    let start = ContinuousClock.now
                    let ending = await WrongReplyTests.echo(client, "d3-\(number)")
                    let took = ContinuousClock.now - start
                    guard case .failed(let code) = ending else {
                        Issue.record("a stopped server answered: \(ending)")
                        continue
                    }
                    #expect([.timeout, .notSent, .timeoutNotSent, .outcomeUnknown].contains(code))
                    if code == .timeout { #expect(took >= .milliseconds(300) && took < .milliseconds(800)) }
                }
                server.resume()
                let resumed = ContinuousClock.now
                var isBack = false
                while ContinuousClock.now - resumed < .seconds(5) {
                    number += 1
                    switch await WrongReplyTests.echo(client, "d3-\(number)") {
                    case .own: isBack = true
                    case .foreign: Issue.record("a late reply reached a new caller")
                    case .failed: break
                    }
                    if isBack, ContinuousClock.now - resumed > .seconds(1) { break }
                }
                #expect(isBack)
            }
        }
    }

    @Test("D5 SCRIPT FLUSH all the time: no failure, and each run is applied once")
    func scriptFlush() async throws {
        let runs = TestScale.count(2_000, full: 50_000)
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                let isDone = Mutex(false)
                let flushing = Task {
                    var flushes = 0
                    while !isDone.withLock({ $0 }) {
                        try await server.command("SCRIPT", "FLUSH")
                        flushes += 1
                        try await Task.sleep(for: .milliseconds(2))
                    }
                    return flushes
                }
                let script = RedisScript("return redis.call('INCR', KEYS[1])")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            for _ in 0..<runs / 16 { _ = try await client.evaluate(script, keys: ["n"]) }
                        }
                    }
                    try await group.waitForAll()
                }
                isDone.withLock { $0 = true }
                #expect(try await flushing.value > 0)
                let total = try await client.send(.command("GET", "n"))
                #expect(total.reply.string == "\(runs / 16 * 16)")
            }
        }
    }

    @Test("D5 CLIENT KILL: reads go on, writes are never applied twice")
    func clientKill() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) {
                $0.disconnectedWait = .seconds(2)
            } _: { client in
                var applied = 0
                var unknown = 0
                for round in 0..<10 {
                    async let read = client.send(.command("GET", "n"), retry: .always)
                    async let kill = server.command("CLIENT", "KILL", "TYPE", "normal")
                    do throws(RedisError) {
                        _ = try await client.send(.command("INCR", "n"))
                        applied += 1
                    } catch {
                        #expect(error.code == .outcomeUnknown, "round \(round)")
                        unknown += 1
                    }
                    _ = try await read
                    // Its own connection is among the killed.
                    _ = try? await kill
                }
                let value = Int(try await client.send(.command("GET", "n"), retry: .always).reply.string ?? "0") ?? 0
                #expect((applied...applied + unknown).contains(value))
            }
        }
    }

    @Test("D5 Signing in: password, ACL user, wrong password, missing rights")
    func signIn() async throws {
        try await withRedisServer(arguments: ["--requirepass", "s3cret@:/"]) { server in
            let host = "127.0.0.1:\(server.port)"
            try await withClient(url: "redis://:s3cret%40%3A%2F@\(host)/3") { client in
                _ = try await client.send(
                    .command("ACL", "SETUSER", "reader", "on", ">pass word", "~r:*", "+get", "+ping")
                )
                _ = try await client.send(.command("SET", "in-three", "1"))
                let who = try await client.send(.command("CLIENT", "GETNAME"))
                #expect(who.reply.string == "sess")
            }
            try await withClient(url: "redis://reader:pass%20word@\(host)") { client in
                try await client.ping()
                let error = await #expect(throws: RedisError.self) {
                    try await client.send(.command("SET", "r:1", "v"))
                }
                #expect(error?.code == .server(.noPermission))
            }
            for (url, kind) in [
                ("redis://:wrong@\(host)", RedisServerErrorKind.wrongPassword), ("redis://\(host)", .noAuth),
            ] {
                try await withClient(url: url) { client in
                    let error = await #expect(throws: RedisError.self) { try await client.ping() }
                    #expect(error?.code == .notSent)
                    let connecting = error?.underlying as? RedisError
                    #expect(connecting?.code == .connectFailed)
                    #expect((connecting?.underlying as? RedisError)?.code == .server(kind))
                    #expect("\(client.configuration) \(String(describing: error))".contains("wrong@") == false)
                }
            }
        }
    }

    @Test("D5 At Redis's memory limit writes fail as such; reads and deletions go on")
    func outOfMemory() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) { client in
                _ = try await client.send(.command("SET", "k", "v"))
                try await server.command("CONFIG", "SET", "maxmemory", "1")
                let error = await #expect(throws: RedisError.self) { try await client.send(.command("SET", "l", "v")) }
                #expect(error?.code == .server(.outOfMemory))
                #expect(try await client.send(.command("GET", "k")).reply.string == "v")
                #expect(try await client.send(.command("DEL", "k")).reply.integer == 1)
            }
        }
    }

    @Test("D5 A replica's READONLY is thrown, and the connection is replaced")
    func readOnly() async throws {
        try await withRedisServer { server in
            try await withClient(url: server.url) {
                $0.disconnectedWait = .seconds(2)
            } _: { client in
                let before = try await client.send(.command("CLIENT", "ID")).reply.integer
                try await server.command("REPLICAOF", "127.0.0.1", "1")
                let error = await #expect(throws: RedisError.self) { try await client.send(.command("SET", "k", "v")) }
                #expect(error?.code == .server(.readOnly))
                try await server.command("REPLICAOF", "NO", "ONE")
                #expect(try await client.send(.command("SET", "k", "v")).reply.equals("OK"))
                let after = try await client.send(.command("CLIENT", "ID")).reply.integer
                #expect(before != after)
            }
        }
    }

    @Test("D4 A peer that stops reading: deadlines are kept, refusals are immediate")
    func blackHole() async throws {
        try await withBytePeer { connection in
            try await connection.acceptHandshake()
            try await Task.sleep(for: .seconds(30))
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") { configuration in
                configuration.disconnectedWait = .seconds(5)
                configuration.connectTimeout = .seconds(5)
                configuration.maximumWaiting = 64
                configuration.maximumInFlight = 128
            } _: { client in
                // Not answered by this peer; it only makes the client connect.
                _ = try? await client.send(.command("PING"), timeout: .milliseconds(200))
                let up = ContinuousClock.now + .seconds(5)
                while !client.health.isConnected, ContinuousClock.now < up {
                    try await Task.sleep(for: .milliseconds(5))
                }
                let value = String(repeating: "x", count: 256 << 10)
                let codes = await withTaskGroup(of: RedisError.Code?.self) { group in
                    for index in 0..<300 {
                        group.addTask {
                            do throws(RedisError) {
                                _ = try await client.send(
                                    .command("SET", "\(index)", value),
                                    timeout: .milliseconds(400)
                                )
                                return nil
                            } catch {
                                return error.code
                            }
                        }
                    }
                    return await group.reduce(into: [RedisError.Code?]()) { $0.append($1) }
                }
                #expect(codes.count == 300)
                #expect(codes.contains(.overloaded))
                #expect(codes.contains(.timeout))
                #expect(codes.contains(.timeoutNotSent))
                #expect(codes.allSatisfy { $0 == .overloaded || $0 == .timeout || $0 == .timeoutNotSent })
            }
        }
    }

    @Test("R3 As a service the client connects when it runs, and a shutdown ends it")
    func service() async throws {
        try await withRedisServer { server in
            var configuration = try RedisConfiguration(url: server.url)
            configuration.logger = quietLogger
            let client = try RedisClient(configuration: configuration)
            let group = ServiceGroup(services: [client], logger: quietLogger)
            let running = Task { try await group.run() }
            let end = ContinuousClock.now + .seconds(10)
            while !client.health.isConnected, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
            #expect(client.health.isConnected)
            await group.triggerGracefulShutdown()
            try await running.value
            #expect(!client.health.isConnected)
            let error = await #expect(throws: RedisError.self) { try await client.ping() }
            #expect(error?.code == .shutDown)
        }
    }

    @Test("One of two connections can't be made: the other serves every caller")
    func oneOfTwo() async throws {
        try await withRedisServer { server in
            try await withByteProxy(to: server.port) { index in
                var rules = ProxyRules()
                if index > 0 { rules.toServer = { _ in [.cut] } }
                return rules
            } _: { port in
                try await withClient(url: "redis://127.0.0.1:\(port)") {
                    $0.connections = 2
                    $0.disconnectedWait = .milliseconds(1)
                } _: { client in
                    let deadline = ContinuousClock.now + .seconds(10)
                    while !client.health.isConnected, ContinuousClock.now < deadline { try? await client.ping() }
                    for _ in 0..<100 { try await client.ping() }
                }
            }
        }
    }
}
