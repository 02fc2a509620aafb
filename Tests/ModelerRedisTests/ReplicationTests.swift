import HiredisClient
import Modeler
import RedisTestServer
import Synchronization
import Testing

@testable import ModelerRedis

/// Removals that the replicas of a real master confirm.
@Suite struct ReplicationTests {
    /// How bytes go from a master to one of its replicas.
    private final class Line: Sendable {
        private let state: Mutex<(delay: Duration, isCut: Bool)>

        init(_ delay: Duration) { state = Mutex((delay, false)) }

        /// What is under way is lost.
        func cut() { state.withLock { $0.isCut = true } }

        var rules: ProxyRules {
            var rules = ProxyRules()
            rules.toClient = { bytes in
                let (delay, isCut) = self.state.withLock { $0 }
                return isCut ? [.cut] : delay > .zero ? [.wait(delay), .forward(bytes)] : [.forward(bytes)]
            }
            return rules
        }
    }

    /// What was removed.
    private final class Removed: Sendable {
        private let list = Mutex<[ModelID]>([])

        var ids: [ModelID] { list.withLock { $0 } }

        func append(_ id: ModelID) { list.withLock { $0.append(id) } }
    }

    /// Runs `body` with a master and a replica at the end of a line.
    private func withReplica<Result: Sendable>(
        delay: Duration, _ body: @Sendable (RedisTestServer, RedisTestServer, Line) async throws -> Result
    ) async throws -> Result {
        let line = Line(delay)
        return try await withRedisServer(arguments: ["--repl-diskless-sync-delay", "0"]) { master in
            let masterPort = master.port
            return try await withByteProxy(to: masterPort, rules: { _ in line.rules }) { port in
                try await withRedisServer(arguments: ["--replicaof", "127.0.0.1 \(port)"]) { replica in
                    try await waitForReplicas(of: master)
                    return try await body(master, replica, line)
                }
            }
        }
    }

    private func withSessions<Result>(
        _ master: RedisTestServer, _ durability: RedisDurability,
        _ body: (RedisCollection) async throws -> Result
    ) async throws -> Result {
        try await withClient(url: master.url) {
            $0.durability = durability
            $0.disconnectedWait = .milliseconds(100)
            $0.commandTimeout = .seconds(2)
        } _: { client in
            try await body(try RedisCollection(client: client, prefix: "t:", name: "sessions"))
        }
    }

    private func fill(_ sessions: RedisCollection, _ count: Int) async throws -> [ModelID] {
        let ids = (0..<count).map { ModelID(unchecked: "s\($0)") }
        for id in ids {
            _ = try await sessions.insert(
                NewModel(id: id, fields: [(name: "a", value: EncodedJSON(text: "1"))]), expiry: .never)
        }
        return ids
    }

    /// Removes while the master's host is lost.
    ///
    /// - Returns: How many were removed by an answer that counts, and how many of these the replica has still.
    private func loseHost(
        _ durability: RedisDurability, delay: Duration
    ) async throws -> (counted: Int, alive: Int) {
        try await withReplica(delay: delay) { master, replica, line in
            try await withSessions(master, durability) { sessions in
                let ids = try await fill(sessions, TestScale.count(400, full: 1_000))
                try await master.command("WAIT", "1", "10000")
                let removed = Removed()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for part in 0..<8 {
                        group.addTask {
                            for index in ids.indices where index % 8 == part {
                                guard let outcome = try? await sessions.remove(ids[index], expecting: .nothing),
                                    case .removed(.confirmed) = outcome
                                else { continue }
                                removed.append(ids[index])
                            }
                        }
                    }
                    group.addTask {
                        try await waitUntil { removed.ids.count >= 100 }
                        line.cut()
                        try await master.kill()
                    }
                    try await group.waitForAll()
                }
                try await replica.command("REPLICAOF", "NO", "ONE")
                let counted = removed.ids
                var alive = 0
                for id in counted { alive += try await replica.command("EXISTS", "t:sessions:\(id)").integer ?? 1 }
                return (counted.count, alive)
            }
        }
    }

    @Test("D12 What replicas have confirmed stays removed when the master's host is lost", arguments: [0, 2, 5])
    func hostLoss(delay: Int) async throws {
        let (counted, alive) = try await loseHost(.replicated(), delay: .milliseconds(delay))
        #expect(counted >= 100)
        #expect(alive == 0)
    }

    @Test("D12 What only the master has acknowledged may come back: the test tells")
    func hostLossAcknowledged() async throws {
        let (counted, alive) = try await loseHost(.acknowledged, delay: .milliseconds(20))
        #expect(counted >= 100)
        #expect(alive > 0)
    }

    @Test("Many removals share few questions to the replicas, and all are confirmed")
    func shares() async throws {
        try await withReplica(delay: .milliseconds(2)) { master, _, _ in
            try await withSessions(master, .replicated(within: .milliseconds(250))) { sessions in
                let ids = try await fill(sessions, 1_000)
                let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for id in ids {
                        group.addTask {
                            if case .removed(.confirmed) = try await sessions.remove(id, expecting: .nothing) {
                                true
                            } else {
                                false
                            }
                        }
                    }
                    return try await group.reduce(into: [false: 0, true: 0]) { $0[$1, default: 0] += 1 }
                }
                #expect(outcomes[true] == 1_000)
                let statistics = try await master.command("INFO", "commandstats").text ?? ""
                let line = try #require(
                    statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_wait:") })
                let calls = try #require(line.firstMatch(of: /calls=([0-9]+)/).flatMap { Int($0.1) })
                #expect(calls < 200)
            }
        }
    }

    @Test("Where a replica is silent the caller learns it in time, nobody else waits, and it is confirmed again later")
    func silentReplica() async throws {
        try await withReplica(delay: .zero) { master, replica, _ in
            try await withSessions(master, .replicated()) { sessions in
                let ids = try await fill(sessions, 40)
                #expect(try await sessions.remove(ids[0], expecting: .nothing).confirmation == .confirmed)
                replica.pause()
                defer { replica.resume() }
                let clock = ContinuousClock()
                for id in ids[1...3] {
                    let reading = Task {
                        var longest = Duration.zero
                        for _ in 0..<20 {
                            longest = max(longest, try await clock.measure { _ = try await sessions.fetch(ids[30]) })
                        }
                        return longest
                    }
                    let begin = clock.now
                    #expect(try await sessions.remove(id, expecting: .nothing).confirmation == .unconfirmed)
                    let time = clock.now - begin
                    // The server looks at the clock of WAIT ten times a second.
                    #expect(time > .milliseconds(90) && time < .seconds(2))
                    #expect(try await reading.value < .milliseconds(90))
                }
                // Nobody waits in vain for a while.
                let begin = clock.now
                for id in ids[4...8] {
                    #expect(try await sessions.remove(id, expecting: .nothing).confirmation == .unconfirmed)
                }
                #expect(clock.now - begin < .milliseconds(90))
                replica.resume()
                try await Task.sleep(for: .milliseconds(5_200))
                #expect(try await sessions.remove(ids[9], expecting: .nothing).confirmation == .confirmed)
            }
        }
    }

    @Test("With two replicas both have to confirm, and one that is lost isn't waited for")
    func numbers() async throws {
        try await withReplica(delay: .zero) { master, _, _ in
            try await withSessions(master, .replicated(within: .milliseconds(200))) { sessions in
                let ids = try await fill(sessions, 4)
                #expect(try await sessions.remove(ids[0], expecting: .nothing).confirmation == .confirmed)
                try await withRedisServer(arguments: ["--replicaof", "127.0.0.1 \(master.port)"]) { second in
                    try await waitForReplicas(of: master, count: 2)
                    #expect(try await sessions.remove(ids[1], expecting: .nothing).confirmation == .confirmed)
                    second.pause()
                    defer { second.resume() }
                    #expect(try await sessions.remove(ids[2], expecting: .nothing).confirmation == .unconfirmed)
                }
                try await waitForReplicas(of: master)
                #expect(try await sessions.remove(ids[3], expecting: .nothing).confirmation == .confirmed)
            }
        }
    }

    /// Waits until so many replicas confirm at once what a master is told. After it has got its data a replica may take
    /// a second to.
    private func waitForReplicas(of master: RedisTestServer, count: Int = 1) async throws {
        try await waitUntil {
            let replies = try await master.commands(
                [
                    ["SET", "other", "1"], ["WAIT", "\(count)", "1000"], ["SET", "other", "2"],
                    ["WAIT", "\(count)", "100"], ["ROLE"],
                ])
            guard case .array(let role) = replies[4], case .array(let replicas) = role[2] else { return false }
            return replies[3].integer == count && replicas.count == count
        }
    }

    @Test("A sign-in's or rotation's write and a revocation wait too; other writes don't")
    func otherWrites() async throws {
        try await withRedisServer { master in
            try await withSessions(master, .replicated()) { sessions in
                let id = try await fill(sessions, 1)[0]
                var change = Change([.init("a", .set(EncodedJSON(text: "2")))])
                #expect(try await sessions.commit(change, to: id).commit?.confirmation == .confirmed)
                change = Change([.init("a", .set(EncodedJSON(text: "3")))])
                change.needsConfirmation = true
                #expect(try await sessions.commit(change, to: id).commit?.confirmation == .unconfirmed)
                // What was applied before isn't known to be on a replica.
                change.isRepeated = true
                #expect(try await sessions.commit(change, to: id).commit?.confirmation == .unconfirmed)
                #expect(try await sessions.advanceEpoch(of: OwnerID("alice")).confirmation == .unconfirmed)
            }
        }
    }

    @Test("Connections that are lost all the time leave nobody waiting, and nothing confirmed that isn't")
    func lostConnections() async throws {
        try await withReplica(delay: .milliseconds(3)) { master, replica, _ in
            try await withSessions(master, .replicated(within: .milliseconds(250))) { sessions in
                let ids = try await fill(sessions, 100)
                let killer = Task {
                    while !Task.isCancelled {
                        _ = try? await master.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                        try? await Task.sleep(for: .milliseconds(25))
                    }
                }
                defer { killer.cancel() }
                for id in ids {
                    guard case .removed(.confirmed)? = try? await sessions.remove(id, expecting: .nothing) else {
                        continue
                    }
                    #expect(try await replica.command("EXISTS", "t:sessions:\(id)").integer == 0)
                }
            }
        }
    }

    @Test("Many callers give up in the middle: each returns at once, and the others are confirmed")
    func cancellations() async throws {
        try await withReplica(delay: .milliseconds(5)) { master, _, _ in
            try await withSessions(master, .replicated(within: .milliseconds(250))) { sessions in
                let ids = try await fill(sessions, 200)
                let tasks = ids.map { id in Task { try await sessions.remove(id, expecting: .nothing).confirmation } }
                for index in stride(from: 0, to: tasks.count, by: 2) { tasks[index].cancel() }
                for index in tasks.indices {
                    if index % 2 == 1 {
                        #expect(try await tasks[index].value == .confirmed)
                    } else {
                        _ = await tasks[index].result
                    }
                }
            }
        }
    }
}

extension RemoveOutcome {
    var confirmation: WriteConfirmation? {
        if case .removed(let confirmation) = self { confirmation } else { nil }
    }
}
