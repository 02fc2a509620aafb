import HiredisClient
import RESP
import RedisTestServer
import Synchronization
import Testing

@Suite struct WrongReplyTests {
    /// What a call ended with, so that a test can count.
    enum Ending: Sendable { case own, foreign, failed(RedisError.Code) }

    /// Asks for an echo of a name that no one else uses, and says whose reply came. A foreign one is reported, as
    /// a store does when a record names another id.
    static func echo(_ client: RedisClient, _ name: String, timeout: Duration? = nil) async -> Ending {
        do throws(RedisError) {
            let replies = try await client.send(.command("ECHO", name), timeout: timeout)
            if replies.reply.string == name { return .own }
            client.poison(replies)
            return .foreign
        } catch {
            return .failed(error.code)
        }
    }

    @Test("W1 Commands cancelled at every phase never hand their reply to another caller", .timeLimit(.minutes(10)))
    func cancellation() async throws {
        let count = TestScale.count(600, full: 10_000)
        try await withRedisServer { server in
            try await withByteProxy(to: server.port) { _ in
                var rules = ProxyRules()
                rules.toServer = { bytes in
                    let half = bytes.count / 2
                    return [.forward(Array(bytes[..<half])), .wait(.milliseconds(5)), .forward(Array(bytes[half...]))]
                }
                rules.toClient = { bytes in
                    let half = bytes.count / 2
                    return [
                        .wait(.milliseconds(Int.random(in: 10...60))), .forward(Array(bytes[..<half])),
                        .wait(.milliseconds(5)), .forward(Array(bytes[half...])),
                    ]
                }
                return rules
            } _: { port in
                try await withClient(url: "redis://127.0.0.1:\(port)") {
                    $0.disconnectedWait = .seconds(2)
                } _: { client in
                    let endings = await withTaskGroup(of: Ending.self) { group in
                        for index in 0..<count {
                            group.addTask {
                                let call = Task { await WrongReplyTests.echo(client, "w1-\(index)") }
                                if index % 2 == 0 {
                                    try? await Task.sleep(for: .microseconds(Int.random(in: 0...120_000)))
                                    call.cancel()
                                }
                                return await call.value
                            }
                        }
                        return await group.reduce(into: [Ending]()) { $0.append($1) }
                    }
                    #expect(endings.count == count)
                    for ending in endings {
                        switch ending {
                        case .own: break
                        case .foreign: Issue.record("a foreign reply")
                        case .failed(let code): #expect(code == .cancelled || code == .cancelledNotSent)
                        }
                    }
                    try await client.ping()
                }
            }
        }
    }

    @Test("W2 Timeouts among 256 tasks never hand a reply to another caller, and every call ends")
    func timeouts() async throws {
        let count = TestScale.count(20_000, full: 100_000)
        try await withRedisServer { server in
            try await withByteProxy(to: server.port) { _ in
                var rules = ProxyRules()
                rules.toClient = { [.wait(.milliseconds(Int.random(in: 0...12))), .forward($0)] }
                return rules
            } _: { port in
                try await withClient(url: "redis://127.0.0.1:\(port)") {
                    $0.disconnectedWait = .seconds(2)
                } _: { client in
                    try await client.ping()
                    let (own, foreign, late) = await withTaskGroup(of: [Ending].self) { group in
                        for task in 0..<256 {
                            group.addTask {
                                var endings: [Ending] = []
                                for index in 0..<count / 256 {
                                    let timeout = Duration.milliseconds(index % 3 == 0 ? Int.random(in: 1...20) : 5_000)
                                    endings.append(
                                        await WrongReplyTests.echo(client, "w2-\(task)-\(index)", timeout: timeout)
                                    )
                                }
                                return endings
                            }
                        }
                        var counts = (own: 0, foreign: 0, late: 0)
                        for await endings in group {
                            for ending in endings {
                                switch ending {
                                case .own: counts.own += 1
                                case .foreign: counts.foreign += 1
                                case .failed(let code):
                                    #expect(code == .timeout || code == .timeoutNotSent)
                                    counts.late += 1
                                }
                            }
                        }
                        return counts
                    }
                    #expect(foreign == 0)
                    #expect(own + late == count / 256 * 256)
                    #expect(own > 0 && late > 0)
                }
            }
        }
    }

    enum Tampering: CaseIterable { case insert, swallow, swap }

    @Test("W4 An extra, a swallowed or two swapped replies: nothing foreign is used", arguments: Tampering.allCases)
    func tampering(_ tampering: Tampering) async throws {
        let rounds = TestScale.count(10, full: 100)
        try await withRedisServer { server in
            try await withByteProxy(to: server.port) { _ in
                let framer = Mutex(ReplyFramer())
                let seen = Mutex(0)
                var rules = ProxyRules()
                rules.toClient = { bytes in
                    let frames = framer.withLock { $0.frames(bytes) }
                    var out: [UInt8] = []
                    var held: [UInt8]?
                    for frame in frames {
                        let position = seen.withLock { count in
                            count += 1
                            return count
                        }
                        switch (tampering, position % 50) {
                        case (.insert, 49): out += frame + Array("$5\r\nextra\r\n".utf8)
                        case (.swallow, 49): break
                        case (.swap, 48): held = frame
                        default:
                            out += frame
                            if let frame = held { out += frame }
                            held = nil
                        }
                    }
                    return [.forward(out + (held ?? []))]
                }
                return rules
            } _: { port in
                try await withClient(url: "redis://127.0.0.1:\(port)") { configuration in
                    configuration.commandTimeout = .milliseconds(500)
                    configuration.disconnectedWait = .milliseconds(450)
                } _: { client in
                    // The check is what a store does: who asked for another record reports it and uses nothing.
                    var used = 0
                    var foreign = 0
                    for round in 0..<rounds {
                        let endings = await withTaskGroup(of: Ending.self) { group in
                            for index in 0..<100 {
                                group.addTask { await WrongReplyTests.echo(client, "w4-\(round)-\(index)") }
                            }
                            return await group.reduce(into: [Ending]()) { $0.append($1) }
                        }
                        #expect(endings.count == 100)
                        for ending in endings {
                            if case .own = ending { used += 1 }
                            if case .foreign = ending { foreign += 1 }
                        }
                    }
                    #expect(used > 0)
                    // A wrong reply is seen by those of its own pipeline only, before the connection is closed.
                    #expect(foreign < rounds * 100)
                }
            }
        }
    }

    @Test("W4 A reported reply closes the connection that delivered it; what it owed has an unknown outcome")
    func poison() async throws {
        let connections = Mutex(0)
        try await withBytePeer { connection in
            connections.withLock { $0 += 1 }
            try await connection.acceptHandshake()
            if connection.index == 0 {
                _ = try await connection.readCommand()
                _ = try await connection.readCommand()
                try await connection.write("$7\r\nforeign\r\n")
                while try await connection.read() != nil {}
            } else {
                while let command = try await connection.readCommand() {
                    try await connection.write("$\(command[1].utf8.count)\r\n\(command[1])\r\n")
                }
            }
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") {
                $0.disconnectedWait = .seconds(2)
            } _: { client in
                async let first = WrongReplyTests.echo(client, "a")
                async let second = WrongReplyTests.echo(client, "b")
                let endings = [await first, await second]
                let foreign = endings.filter { if case .foreign = $0 { true } else { false } }
                let unknown = endings.filter { if case .failed(.outcomeUnknown) = $0 { true } else { false } }
                #expect(foreign.count == 1 && unknown.count == 1, "\(endings)")
                guard case .own = await WrongReplyTests.echo(client, "c") else {
                    Issue.record("the next connection doesn't serve")
                    return
                }
                #expect(connections.withLock { $0 } == 2)
            }
        }
    }

    @Test(
        "W5 Bytes that are no reply: a protocol error inside, an unknown outcome outside, a closed connection, no trap",
        arguments: [
            "?what\r\n", "$5\r\nabcXYZZ", "%1\r\n+a\r\n+b\r\n", "$1000000000000000000\r\n", "*2147483647\r\n",
            "+OK\r\n+OK\r\n",
        ]
    )
    func malformed(bytes: String) async throws {
        let ended = Mutex(0)
        try await withBytePeer { connection in
            try await connection.acceptHandshake()
            guard connection.index == 0 else {
                while try await connection.readCommand() != nil { try await connection.write("+PONG\r\n") }
                return
            }
            _ = try await connection.readCommand()
            try await connection.write(bytes)
            while try await connection.read() != nil {}
            ended.withLock { $0 += 1 }
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") {
                $0.disconnectedWait = .seconds(2)
            } _: { client in
                do throws(RedisError) {
                    _ = try await client.send(.command("GET", "k"))
                    #expect(bytes.hasPrefix("+OK"), "a reply came of \(bytes.debugDescription)")
                } catch {
                    #expect(error.code == .outcomeUnknown)
                    #expect((error.underlying as? RedisError)?.code == .protocolError)
                }
                // On a new connection.
                try await client.ping()
                // The peer learns of the closed connection in its own time.
                let end = ContinuousClock.now + .seconds(10)
                while ended.withLock({ $0 }) == 0, ContinuousClock.now < end {
                    try await Task.sleep(for: .milliseconds(5))
                }
                #expect(ended.withLock { $0 } == 1)
            }
        }
    }

    @Test("W5 PING answered with another type is a protocol error and a closed connection")
    func wrongType() async throws {
        try await withBytePeer { connection in
            try await connection.acceptHandshake()
            while try await connection.readCommand() != nil {
                try await connection.write(connection.index == 0 ? ":1\r\n" : "+PONG\r\n")
            }
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") {
                $0.disconnectedWait = .seconds(2)
            } _: { client in
                let error = await #expect(throws: RedisError.self) { try await client.ping() }
                #expect(error?.code == .protocolError)
                try await client.ping()
            }
        }
    }

    @Test(
        "W6 A peer that is no Redis: connecting fails in time, and commands are known not to be sent",
        arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH\r\n", "\u{15}\u{3}\u{3}", ""]
    )
    func notRedis(banner: String) async throws {
        try await withBytePeer { connection in
            if !banner.isEmpty { try await connection.write(banner) }
            while try await connection.read() != nil {}
        } _: { port in
            try await withClient(url: "redis://127.0.0.1:\(port)") {
                $0.connectTimeout = .milliseconds(100)
            } _: { client in
                let start = ContinuousClock.now
                let error = await #expect(throws: RedisError.self) { try await client.ping() }
                #expect(error?.code == .notSent)
                #expect(ContinuousClock.now - start < .seconds(5))
                #expect(!client.health.isConnected)
            }
        }
    }

    @Test("W3 The server closes after k bytes of a reply: a write that isn't repeatable is applied exactly once")
    func cutReply() async throws {
        try await withRedisServer { server in
            let longest = ":1\r\n".utf8.count
            for keep in 0..<longest {
                let isCut = Mutex(false)
                try await withByteProxy(to: server.port) { index in
                    var rules = ProxyRules()
                    rules.toClient = { bytes in
                        guard index == 0, bytes.first == UInt8(ascii: ":") else { return [.forward(bytes)] }
                        isCut.withLock { $0 = true }
                        return [.forward(Array(bytes.prefix(keep))), .cut]
                    }
                    return rules
                } _: { port in
                    try await withClient(url: "redis://127.0.0.1:\(port)") {
                        $0.disconnectedWait = .seconds(2)
                    } _: { client in
                        let error = await #expect(throws: RedisError.self) {
                            try await client.send(.command("INCR", "cut-\(keep)"))
                        }
                        #expect(error?.code == .outcomeUnknown)
                        let value = try await client.send(.command("GET", "cut-\(keep)"), retry: .always)
                        #expect(value.reply.string == "1")
                        #expect(isCut.withLock { $0 })
                    }
                }
            }
        }
    }
}
