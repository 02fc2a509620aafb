import Hummingbird
import HummingbirdCore
import Modeler
import NIOCore
import ServiceLifecycle
import SessHummingbird
import SessTestSupport
import Testing

/// A stream that waits for its session's end, when the server shuts down.
@Suite struct StreamShutdownTests {
    @Test("A graceful shutdown ends a stream that waits for its session's end", .timeLimit(.minutes(3)))
    func graceful() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let isOpen = Flag()
        let router = Router(context: BasicSessRequestContext.self)
        router.add(middleware: SessMiddleware(manager))
        router.get("enter") { _, context in
            try await context.session.signIn(userID: "alice")
            return "ok"
        }
        router.get("stream") { _, context in
            let id = context.session.id
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "open "))
                    let ends = manager.endEvents(of: id, pollingEvery: .seconds(600))
                    isOpen.raise()
                    for await end in ends { try await writer.write(ByteBuffer(string: "\(end) ")) }
                    try await writer.write(ByteBuffer(string: "closed"))
                    try await writer.finish(nil)
                })
        }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) })
        let group = ServiceGroup(configuration: .init(services: [application], logger: application.logger))
        async let run: Void = group.run()
        let port = try #require(await ports.first { _ in true })
        let browser = Browser(port: port)
        try await browser.get("/enter")
        async let response = browser.get("/stream")
        while !isOpen.isRaised { try await Task.sleep(for: .milliseconds(5)) }
        await group.triggerGracefulShutdown()
        #expect(try await response.text == "open closed")
        await browser.client.closeIdle()
        try await run
    }
}
