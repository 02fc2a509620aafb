import Middler
import NIOCore
import SessTestSupport
import Synchronization
import Testing

/// Who keeps whom.
@Suite struct OwnershipTests {
    private struct Weak { weak var server: HTTPServer? }

    @Test("A server that nobody has any more is gone, with the chain that only it had")
    func released() {
        var weakServer = Weak()
        weak var weakChain: HandlerChain?
        do {
            let server = HTTPServer(port: 0)
            middler(server).get("/") { _ in "ok" }
            weakServer.server = server
            weakChain = middler(server)
            #expect(weakServer.server != nil)
            #expect(weakChain === middler(server))
        }
        #expect(weakServer.server == nil)
        #expect(weakChain == nil)
    }

    @Test("A chain outlives its server, and can be attached to another one")
    func chainStays() async throws {
        var chain: HandlerChain?
        do { chain = middler(HTTPServer(port: 0)).get("/") { _ in "ok" } }
        let kept = try #require(chain)
        kept.detach()
        try await withServer(kept) { port, _ in
            let browser = Browser(port: port)
            let response = try await browser.get("/")
            #expect(response.text == "ok")
            await browser.client.closeIdle()
        }
    }

    @Test("A server that runs stays, though nobody else has it, and is gone once it has run")
    func running() async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let weakServer = WeakServer()
        let task = Task {
            try await Self.server(weakServer) { continuation.yield($0) }.run()
        }
        let port = try #require(await ports.first { _ in true })
        let browser = Browser(port: port)
        let response = try await browser.get("/")
        #expect(response.text == "ok")
        #expect(!weakServer.isGone)
        await browser.client.closeIdle()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await eventually { weakServer.isGone }
    }

    private final class WeakServer: Sendable {
        private let server = Mutex(Weak())

        var isGone: Bool { server.withLock { $0.server == nil } }

        func set(_ new: HTTPServer) { server.withLock { $0.server = new } }
    }

    private static func server(
        _ weakServer: WeakServer, onListening: @escaping @Sendable (Int) -> Void
    ) -> HTTPServer {
        let server = HTTPServer(.init(port: 0), onListening: { onListening($0.port ?? 0) })
        middler(server).get("/") { _ in "ok" }
        weakServer.set(server)
        return server
    }
}
