import HTTPTypes
import Logging
import Middler
import NIOCore
import NIOPosix
import ServiceLifecycle
import SessTestSupport
import Synchronization
import Testing

/// How long a server may take to stop, whatever its handlers do.
@Suite struct StoppingTests {
    /// Keeps its caller from going on, cancelled or not.
    private final class Gate: Sendable {
        private let isOpen = Flag()
        let isReached = Flag()

        func open() { isOpen.raise() }

        func pass() async {
            isReached.raise()
            while !isOpen.isRaised {
                await Task.yield()
                // Without looking at the task, and without a wait that its cancellation would end.
                await withCheckedContinuation { continuation in
                    Task.detached {
                        try? await Task.sleep(for: .milliseconds(10))
                        continuation.resume()
                    }
                }
            }
        }

        /// As ``pass()``, and the thread does nothing else.
        func block() {
            isReached.raise()
            while !isOpen.isRaised { usleep(1000) }
        }
    }

    enum Stop: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case gracefully, cancelled
        var testDescription: String { rawValue }
    }

    @Test(
        "Stopping ends within its time where handlers ignore their cancellation: their connections are closed",
        arguments: Stop.allCases)
    func ignoredCancellation(_ stop: Stop) async throws {
        let gate = Gate()
        let isLate = Flag()
        let chain = HandlerChain()
            .get("/deaf") { _ in
                await gate.pass()
                isLate.raise()
                return "late"
            }
        try await stopping(chain, stop) { port in
            let connection = try await HTTPConnection.connect(port: port)
            let answer = Task { try await connection.send(.get("/deaf")) }
            try await eventually { gate.isReached.isRaised }
            return { _ in
                #expect(!isLate.isRaised)
                try await eventually { !connection.isOpen }
                await #expect(throws: (any Error).self) { try await answer.value }
                gate.open()
                // It ends by itself, and harms nobody.
                try await eventually { isLate.isRaised }
            }
        }
    }

    @Test("Stopping ends within its time where a handler blocks the only thread", arguments: Stop.allCases)
    func blockedThread(_ stop: Stop) async throws {
        let gate = Gate()
        let chain = HandlerChain()
            .get("/blocking") { _ in
                gate.block()
                return "late"
            }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await stopping(chain, stop, group) { port in
            let connection = try await HTTPConnection.connect(port: port)
            Task { _ = try? await connection.send(.get("/blocking")) }
            try await eventually { gate.isReached.isRaised }
            return { _ in
                gate.open()
                try await eventually { !connection.isOpen }
            }
        }
        try await group.shutdownGracefully()
    }

    @Test("Where all handlers end in time, nothing is told of ones left behind", arguments: Stop.allCases)
    func inTime(_ stop: Stop) async throws {
        let isReached = Flag()
        let wasCancelled = Flag()
        let chain = HandlerChain()
            .get("/patient") { _ in
                isReached.raise()
                do { try await Task.sleep(for: .seconds(600)) } catch { wasCancelled.raise() }
                return "late"
            }
        try await stopping(chain, stop, isLeftBehind: false) { port in
            let connection = try await HTTPConnection.connect(port: port)
            Task { _ = try? await connection.send(.get("/patient")) }
            try await eventually { isReached.isRaised }
            return { _ in #expect(wasCancelled.isRaised) }
        }
    }

    @Test("Cancelling the task stops the server at once, whatever time a graceful stop has")
    func cancelled() async throws {
        let server = HTTPServer(port: 0)
        let task = Task { try await server.run() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("Connections that wait for room are closed too, and nobody answers them", arguments: Stop.allCases)
    func waitingForRoom(_ stop: Stop) async throws {
        let chain = HandlerChain().get("/") { _ in "ok" }
        try await stopping(chain, stop, isLeftBehind: false, configure: { $0.maximumConnections = 1 }) { port in
            let served = try await HTTPConnection.connect(port: port)
            #expect(try await served.send(.get("/")).status == 200)
            var waiting: [HTTPConnection] = []
            for _ in 0..<20 { waiting.append(try await HTTPConnection.connect(port: port)) }
            let all = waiting + [served]
            return { _ in
                for connection in all { try await eventually { !connection.isOpen } }
            }
        }
    }

    @Test("A request whose head has begun when a graceful stop comes is answered, also behind another one")
    func begunHead() async throws {
        let isReached = Flag()
        let chain = HandlerChain().get("/") { _ in
            isReached.raise()
            return "ok"
        }
        try await withServer(chain) { port, running in
            let pieces = ["GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT", "TP/1.1\r\nHost: a\r\n\r\n"]
            async let received = RawSocket.exchange(
                port: port, pieces: pieces.map { Array($0.utf8) }, pause: .milliseconds(700))
            try await eventually { isReached.isRaised }
            try await Task.sleep(for: .milliseconds(100))
            await running.group.triggerGracefulShutdown()
            let responses = RawResponse.parse(try await received)
            #expect(responses.map(\.body) == ["ok", "ok"])
            #expect(responses.last?["connection"] == "close")
        }
    }

    /// Runs a server, stops it once `prepare` returns, and calls what that gave once the server has ended.
    private func stopping(
        _ chain: HandlerChain, _ stop: Stop, _ group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        isLeftBehind: Bool = true, configure: (inout HTTPServer.Configuration) -> Void = { _ in },
        prepare: @Sendable (Int) async throws -> @Sendable (HTTPServer) async throws -> Void
    ) async throws {
        let log = RecordedLog()
        var configuration = HTTPServer.Configuration(port: 0)
        configuration.logger = log.logger
        // Where the server is cancelled, this time must not count.
        configuration.shutdownTimeout = stop == .gracefully ? .milliseconds(200) : .seconds(3600)
        configuration.cancellationTimeout = isLeftBehind ? .milliseconds(200) : .seconds(3600)
        configure(&configuration)
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(
            configuration, eventLoopGroup: group, onListening: { continuation.yield($0.port ?? 0) })
        chain.attach(server)
        let running = StoppableRun(server, logger: configuration.logger)
        let port = try #require(await ports.first { _ in true })
        let check = try await prepare(port)
        switch stop {
        case .gracefully: await running.stopGracefully()
        case .cancelled: running.cancel()
        }
        // Its own limit is 15 seconds; without the server's end it fails.
        try await eventually { running.hasEnded }
        #expect(log.messages.contains { $0.contains("left behind") } == isLeftBehind, "\(log.messages)")
        try await check(server)
    }
}
