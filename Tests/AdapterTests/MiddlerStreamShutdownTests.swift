import Middler
import Modeler
import NIOCore
import ServiceLifecycle
import Sess
import SessMiddler
import SessTestSupport
import Testing

/// A stream of a chain that waits for its session's end, when the server shuts down.
@Suite struct MiddlerStreamShutdownTests {
    @Test("A graceful shutdown ends a stream of a chain that waits for its session's end", .timeLimit(.minutes(3)))
    func graceful() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let isOpen = Flag()
        let chain = HandlerChain().add(sess(manager))
            .get("/enter") { request -> String in
                try await request.session.signIn(userID: "alice")
                return "ok"
            }
            .get("/stream") { request -> Response in
                let id = request.session.id
                return Response(
                    body: .stream { writer in
                        try await writer.write("open ")
                        let ends = manager.endEvents(of: id, pollingEvery: .seconds(600))
                        isOpen.raise()
                        for await end in ends { try await writer.write("\(end) ") }
                        try await writer.write("closed")
                    })
            }
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        var configuration = HTTPServer.Configuration(port: 0)
        // Only the stream's own end can be in time.
        configuration.shutdownTimeout = .seconds(170)
        let server = HTTPServer(configuration, onListening: { continuation.yield($0.port ?? 0) })
        chain.attach(server)
        let group = ServiceGroup(configuration: .init(services: [server], logger: configuration.logger))
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
