import EventLoopExecution
import Foundation
import NIOCore
import NIOPosix
import RESP
import RedisTestServer
import Synchronization
import Testing

@testable import HiredisClient

@Suite("Handlers that compute on the event loop")
struct BusyLoopTests {
    @Test("D15 20 tasks on one loop compute 150 ms each and then ask: none times out", .timeLimit(.minutes(2)))
    func computing() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let executor = EventLoopTaskExecutor(group.next())
        try await withRedisServer { server in
            try await withClient(url: server.url, group: group) {
                $0.commandTimeout = .seconds(2)
                $0.overdueInterval = .milliseconds(500)
            } _: { client in
                try await client.ping()
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for number in 0..<20 {
                        tasks.addTask(executorPreference: executor) {
                            Self.compute(.milliseconds(150))
                            let reply = try await client.send(.command("ECHO", "\(number)"), retry: .never)
                            #expect(reply.reply.string == "\(number)")
                        }
                    }
                    try await tasks.waitForAll()
                }
            }
        }
        try await group.shutdownGracefully()
    }

    @Test("D15 A command is sent at once where the server is idle, and doesn't wait for others' computing")
    func sentAtOnce() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let executor = EventLoopTaskExecutor(group.next())
        let hasArrived = Mutex(false)
        try await withRedisServer { server in
            try await withClient(url: server.url, group: group) { client in
                try await client.ping()
                let (writing, waiting) = await Self.inOneTurn(of: executor) {
                    _ = try await client.send(.command("SET", "k", "v"), retry: .never)
                } then: {
                    let end = ContinuousClock.now + .seconds(20)
                    while !hasArrived.withLock({ $0 }), ContinuousClock.now < end { usleep(1_000) }
                    return hasArrived.withLock { $0 }
                }
                let end = ContinuousClock.now + .seconds(10)
                while try await server.command("EXISTS", "k") != .integer(1), ContinuousClock.now < end {}
                hasArrived.withLock { $0 = ContinuousClock.now < end }
                #expect(await waiting.value)
                try await writing.value
            }
        }
        try await group.shutdownGracefully()
    }

    @Test("D15 A reply that came in time counts, though the loop reads it after the deadline")
    func readFirst() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let executor = EventLoopTaskExecutor(group.next())
        try await withRedisServer { server in
            try await withClient(url: server.url, group: group) { client in
                try await client.ping()
                let (asking, computing) = await Self.inOneTurn(of: executor) {
                    try await client.send(.command("ECHO", "x"), timeout: .milliseconds(300), retry: .never)
                } then: {
                    Self.compute(.milliseconds(1_000))
                }
                #expect(try await asking.value.reply.string == "x")
                await computing.value
            }
        }
        try await group.shutdownGracefully()
    }

    /// Starts two tasks, which begin in one turn of an event loop, one after the other.
    private static func inOneTurn<First: Sendable, Second: Sendable>(
        of executor: EventLoopTaskExecutor,
        _ first: @escaping @Sendable () async throws -> First,
        then second: @escaping @Sendable () -> Second
    ) async -> (Task<First, any Error>, Task<Second, Never>) {
        await Task(executorPreference: executor) {
            let first = Task(executorPreference: executor) { try await first() }
            return (first, Task(executorPreference: executor) { second() })
        }.value
    }

    private static func compute(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {}
    }
}

@Suite("Timers on a busy event loop")
struct TimerPatienceTests {
    @Test("D15 A late timer is put off while the loop is held up, and in the end acted upon")
    func late() {
        var patience = TimerPatience()
        var isPutOff: [Bool] = []
        for _ in 0...TimerPatience.limit {
            isPutOff.append(patience.putsOff(due: 100, now: 101 + TimerPatience.tolerance))
        }
        #expect(isPutOff == Array(repeating: true, count: TimerPatience.limit) + [false])
        // The next one is put off again.
        isPutOff = [patience.putsOff(due: 200, now: 201 + TimerPatience.tolerance)]
        isPutOff.append(patience.putsOff(due: 300, now: 300))
        isPutOff.append(patience.putsOff(due: 300, now: 300 + TimerPatience.tolerance))
        #expect(isPutOff == [true, false, false])
    }

    @Test("D15 The clock of a turn goes on while a job of the turn computes")
    func turn() {
        var clock = TurnClock()
        let first = clock.now()
        #expect(!first.hasPassed)
        let end = ContinuousClock.now + .milliseconds(50)
        while ContinuousClock.now < end {}
        let second = clock.now()
        #expect(second.time >= first.time + 20_000_000)
        clock.forget()
        let third = clock.now()
        #expect(!third.hasPassed)
    }
}
