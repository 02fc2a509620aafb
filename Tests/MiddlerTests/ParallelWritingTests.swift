import Middler
import NIOCore
import SessTestSupport
import Synchronization
import Testing

/// Response bodies that several tasks write.
@Suite struct ParallelWritingTests {
    private static let request = Array("GET /parallel HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    private static let chunk = ByteBuffer(repeating: 0x61, count: 1 << 20)

    /// What the writing tasks have come to.
    private final class Log: Sendable {
        let written = Atomic(0)
        let started = Atomic(0)
        let startedBeforeFailure = Atomic(0)
        private let errors = Mutex<[ConnectionError]>([])

        var failures: [ConnectionError] { errors.withLock { $0 } }

        func fail(_ error: any Error) {
            if failures.isEmpty { startedBeforeFailure.store(started.load(ordering: .relaxed), ordering: .relaxed) }
            errors.withLock { $0.append(error as? ConnectionError ?? ConnectionError(code: .closed)) }
        }
    }

    @Test("Several tasks that write one body go no faster than its client reads, and each learns that it is too slow")
    func backPressure() async throws {
        let log = Log()
        let chain = HandlerChain().get("/parallel") { _ in
            Response(
                body: .stream { writer in
                    await withTaskGroup(of: Void.self) { tasks in
                        for _ in 0..<4 {
                            tasks.addTask {
                                do {
                                    while log.written.load(ordering: .relaxed) < 512 << 20 {
                                        try await writer.write(Self.chunk)
                                        log.written.add(1 << 20, ordering: .relaxed)
                                    }
                                } catch {
                                    log.fail(error)
                                }
                            }
                        }
                    }
                })
        }
        try await withServer(chain, configure: { $0.writeTimeout = .milliseconds(500) }) { port, _ in
            _ = try await RawSocket.exchange(port: port, pieces: [Self.request, []], pause: .seconds(1))
            try await eventually { log.failures.count == 4 }
            #expect(log.failures == Array(repeating: ConnectionError(code: .clientTooSlow), count: 4))
            // What the system's buffers for both ends of a connection may take, with room to spare.
            #expect(log.written.load(ordering: .relaxed) < 40 << 20)
        }
    }

    @Test("A task that begins to wait gives the client no more time for those that wait already")
    func deadline() async throws {
        let log = Log()
        let chain = HandlerChain().get("/parallel") { _ in
            Response(
                body: .stream { writer in
                    await withTaskGroup(of: Void.self) { tasks in
                        for _ in 0..<40 where log.failures.isEmpty {
                            log.started.add(1, ordering: .relaxed)
                            tasks.addTask {
                                do {
                                    for _ in 0..<40 { try await writer.write(Self.chunk) }
                                } catch {
                                    log.fail(error)
                                }
                            }
                            try? await Task.sleep(for: .milliseconds(100))
                        }
                    }
                })
        }
        try await withServer(chain, configure: { $0.writeTimeout = .milliseconds(500) }) { port, _ in
            // It begins to read after three seconds, so that nobody waits for longer than that for nothing.
            async let _ = RawSocket.exchange(port: port, pieces: [Self.request], pause: .seconds(3))
            try await eventually { log.failures.first == ConnectionError(code: .clientTooSlow) }
            // The first one has waited since there were one or two, a fifth of its time for each.
            #expect(log.startedBeforeFailure.load(ordering: .relaxed) < 20)
        }
    }

    @Test("All that several tasks write arrives, each task's bytes in their order")
    func whole() async throws {
        let tasks = 8
        let rounds = 64
        let chain = HandlerChain().get("/parallel") { _ in
            Response(
                body: .stream(length: tasks * rounds * 4096) { writer in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for task in 0..<tasks {
                            group.addTask {
                                for round in 0..<rounds {
                                    var bytes = ByteBuffer(repeating: UInt8(task), count: 4095)
                                    bytes.writeInteger(UInt8(round))
                                    try await writer.write(bytes)
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                })
        }
        try await withServer(chain) { port, _ in
            let request = Array("GET /parallel HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
            let received = try await RawSocket.exchange(port: port, pieces: [request, []], pause: .milliseconds(300))
            let start = received.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? 0
            let body = received[start...]
            #expect(body.count == tasks * rounds * 4096)
            var next = Array(repeating: 0, count: tasks)
            for block in stride(from: body.startIndex, to: body.endIndex, by: 4096) {
                let task = Int(body[block])
                guard task < tasks, Int(body[block + 4095]) == next[task] else {
                    Issue.record("a block out of order")
                    return
                }
                next[task] += 1
            }
        }
    }

    @Test(
        "A body that ends while a task still writes it closes the connection; nothing of it gets into later responses")
    func endsEarly() async throws {
        let log = Log()
        let chain = HandlerChain()
            .get("/parallel") { _ in
                Response(
                    body: .stream { writer in
                        Task {
                            do {
                                while true { try await writer.write(Self.chunk) }
                            } catch {
                                log.fail(error)
                            }
                        }
                        try await Task.sleep(for: .milliseconds(200))
                    })
            }
            .get("/probe") { _ in "probe" }
        try await withServer(chain) { port, _ in
            let probe = Array("GET /probe HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            let received = try await RawSocket.exchange(
                port: port, pieces: [Self.request + probe, []], pause: .milliseconds(500))
            let isEnded = received.suffix(1 << 16).firstRange(of: Array("\r\n0\r\n\r\n".utf8)) != nil
            #expect(!isEnded)
            try await eventually { !log.failures.isEmpty }
        }
    }
}
