import EventLoopExecution
import Hummingbird
import Modeler
import NIOCore
import NIOPosix
import Sess
import SessHummingbird
import SessTestSupport
import Testing

/// `http1OnEventLoop()`: handlers run where their connection lives.
@Suite struct EventLoopServerTests {
    @Test("A handler runs on its connection's event loop, before and after the store was asked")
    func onLoop() async throws {
        try await withStore(.redis) { store in
            try await withApp(SessionManager(sessions: store.sessions), server: .http1OnEventLoop()) { router in
                router.get("/") { _, context in
                    let before = MultiThreadedEventLoopGroup.currentEventLoop.map { ObjectIdentifier($0) }
                    context.session["times", default: 0] += 1
                    try await context.session.save()
                    let after = MultiThreadedEventLoopGroup.currentEventLoop.map { ObjectIdentifier($0) }
                    return "\(before != nil && before == after)"
                }
            } _: { port in
                let browser = Browser(port: port)
                for _ in 0..<10 {
                    let answer = try await browser.get("/").text
                    #expect(answer == "true")
                }
            }
        }
    }

    @Test("Every byte of a response arrives, however it ends", arguments: ["keep-alive", "close"])
    func complete(_ connection: String) async throws {
        try await withApp(SessionManager(), server: .http1OnEventLoop()) { router in
            router.get("streamed") { _, context in
                context.session["a"] = 1
                return Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        for _ in 0..<64 { try await writer.write(ByteBuffer(repeating: 0x61, count: 16 << 10)) }
                        try await writer.finish(nil)
                    })
            }
            router.get("short") { _, _ in "last" }
        } _: { port in
            // Pipelined, so that two responses leave in one turn.
            let request =
                "GET /streamed HTTP/1.1\r\nHost: a\r\n\r\nGET /short HTTP/1.1\r\nHost: a\r\n"
                + "Connection: \(connection)\r\n\r\n"
            let bytes = try await RawSocket.exchange(port: port, Array(request.utf8)) {
                connection == "keep-alive" && $0.suffix(4).elementsEqual("last".utf8)
            }
            #expect(bytes.count { $0 == 0x61 } >= 1 << 20)
            #expect(bytes.suffix(4).elementsEqual("last".utf8))
        }
    }

    @Test("A handler that is always ready to go on leaves the loop to the other connections")
    func fairness() async throws {
        let isDone = Flag()
        // One thread, so that all connections share it.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await withApp(
            SessionManager(), server: .http1OnEventLoop(), eventLoopGroup: group
        ) { router in
            router.get("busy") { _, _ in
                while !isDone.isRaised { await Task.yield() }
                return "done"
            }
            router.get("free") { _, _ in "free" }
        } _: { port in
            async let busy = Browser(port: port).get("/busy").text
            for _ in 0..<20 {
                let answer = try await Browser(port: port).get("/free").text
                #expect(answer == "free")
            }
            isDone.raise()
            let answer = try await busy
            #expect(answer == "done")
        }
        try await group.shutdownGracefully()
    }

    @Test("Tasks come to the loop from other threads, and all of them run there")
    func fromElsewhere() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let executor = EventLoopTaskExecutor(loop)
        let count = await withTaskGroup(of: Int.self) { tasks in
            for _ in 0..<1000 {
                tasks.addTask(executorPreference: executor) {
                    var onLoop = 0
                    for _ in 0..<3 {
                        if loop.inEventLoop { onLoop += 1 }
                        await Task.yield()
                    }
                    return onLoop
                }
            }
            return await tasks.reduce(0, +)
        }
        #expect(count == 3000)
        try await group.shutdownGracefully()
    }
}
