import HTTPTypes
import Middler
import NIOCore
import ServiceLifecycle
import SessTestSupport
import Synchronization
import Testing

/// Servers that start, stop and change their chains.
@Suite struct LifecycleTests {
    @Test("A graceful stop: idle connections close, requests under way finish, nothing new is taken")
    func gracefulStop() async throws {
        let begun = Flag()
        let chain = HandlerChain()
            .get("/slow") { _ in
                begun.raise()
                try await Task.sleep(for: .milliseconds(400))
                return "done"
            }
            .get("/") { _ in "ok" }
        try await withServer(chain) { port, running in
            let idle = try await HTTPConnection.connect(port: port)
            #expect(try await idle.send(.get("/")).status == 200)
            let busy = try await HTTPConnection.connect(port: port)
            async let slow = busy.send(.get("/slow"))
            try await eventually { begun.isRaised }
            await running.group.triggerGracefulShutdown()
            try await eventually { !idle.isOpen }
            let response = try await slow
            #expect(response.text == "done")
            #expect(response["Connection"] == ["close"])
            await #expect(throws: (any Error).self) {
                _ = try await HTTPConnection.connect(port: port).send(.get("/"))
            }
        }
    }

    @Test("A handler that doesn't end is cancelled when the time to stop is over")
    func shutdownTimeout() async throws {
        let wasCancelled = Flag()
        let chain = HandlerChain().get("/endless") { _ in
            do {
                try await Task.sleep(for: .seconds(600))
            } catch {
                wasCancelled.raise()
            }
            return "late"
        }
        try await withServer(chain, configure: { $0.shutdownTimeout = .milliseconds(300) }) { port, _ in
            let connection = try await HTTPConnection.connect(port: port)
            Task { _ = try? await connection.send(.get("/endless")) }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(wasCancelled.isRaised)
    }

    @Test("Connections beyond the maximum wait until there is room")
    func maximumConnections() async throws {
        let chain = HandlerChain().get("/") { _ in "ok" }
        try await withServer(chain, configure: { $0.maximumConnections = 2 }) { port, _ in
            let first = try await HTTPConnection.connect(port: port)
            let second = try await HTTPConnection.connect(port: port)
            for connection in [first, second] { #expect(try await connection.send(.get("/")).status == 200) }
            let third = try await HTTPConnection.connect(port: port)
            let isServed = Flag()
            async let response = third.send(.get("/"))
            Task {
                try await Task.sleep(for: .milliseconds(200))
                #expect(!isServed.isRaised)
                await first.close()
            }
            #expect(try await response.status == 200)
            isServed.raise()
            for connection in [second, third] { await connection.close() }
        }
    }

    @Test("A server answers by the attached chain, then by its own handler; chains can be exchanged while it runs")
    func attaching() async throws {
        let own = HandlerFunction { request in "own \(request.path)" }
        let first = HandlerChain().get("/a") { _ in "first" }
        try await withServer(first, own: own) { port, running in
            let browser = Browser(port: port)
            let response = try await browser.get("/a")
            #expect(response.text == "first")
            #expect(try await browser.get("/b").text == "own /b")
            #expect(middler(running.server) === first)
            first.get("/b") { _ in "added" }
            #expect(try await browser.get("/b").text == "added")
            first.detach()
            #expect(try await browser.get("/a").text == "own /a")
            let second = HandlerChain().get("/a") { _ in "second" }
            second.attach(running.server)
            #expect(try await browser.get("/a").text == "second")
            first.attach(running.server)
            #expect(try await browser.get("/a").text == "first")
            // It was displaced: it must not take away what is there now.
            second.detach()
            #expect(try await browser.get("/a").text == "first")
            first.detach()
            #expect(middler(running.server) === middler(running.server))
            #expect(try await browser.get("/a").text == "own /a")
            await browser.client.closeIdle()
        }
    }

    @Test("middler(server) is one chain, to which each handler is added in turn; the server's own handler comes last")
    func chainOfServer() async throws {
        let own = HandlerFunction { request in "own \(request[Seen.self] ?? "nobody")" }
        try await withServer(HandlerChain(), own: own) { port, running in
            middler(running.server) { request, next in
                request[Seen.self] = "seen"
                return try await next(request)
            }
            middler(running.server).get("/") { request in "hello \(request[Seen.self] ?? "nobody")" }
            let browser = Browser(port: port)
            let answer = try await browser.get("/")
            #expect(answer.text == "hello seen")
            #expect(try await browser.get("/other").text == "own seen")
            await browser.client.closeIdle()
        }
    }

    private enum Seen: RequestKey { typealias Value = String }

    @Test("A chain is attached to one server at a time")
    func attachedOnce() async throws {
        let (first, second) = (HTTPServer(port: 0), HTTPServer(port: 0))
        let chain = HandlerChain().attach(first)
        chain.attach(second)
        #expect(middler(second) === chain)
        #expect(middler(first) !== chain)
        chain.detach()
        #expect(middler(second) !== chain)
    }

    @Test("A chain that is detached while another one is attached does not take that one away")
    func detachingBesideAttaching() async throws {
        for _ in 0..<2000 {
            let server = HTTPServer(port: 0)
            let (leaving, coming) = (HandlerChain(), HandlerChain())
            leaving.attach(server)
            async let left: Void = { _ = leaving.detach() }()
            async let came: Void = { _ = coming.attach(server) }()
            _ = await (left, came)
            guard middler(server) === coming else {
                Issue.record("the chain that came is gone")
                return
            }
        }
    }

    @Test("What can't be run says why")
    func refused() async throws {
        let wrong: [(String, (inout HTTPServer.Configuration) -> Void)] = [
            ("port", { $0.address = .host("127.0.0.1", port: 70_000) }),
            ("maximumConnections", { $0.maximumConnections = 0 }),
            ("maximumBodySize", { $0.maximumBodySize = -1 }), ("headTimeout", { $0.headTimeout = .zero }),
            ("minimumBodyRate", { $0.minimumBodyRate = 0 }),
        ]
        for (name, change) in wrong {
            var configuration = HTTPServer.Configuration(port: 0)
            change(&configuration)
            let error = await #expect(throws: HTTPServerError.self) { try await HTTPServer(configuration).run() }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.message.contains(name) == true)
        }
        try await withServer(HandlerChain()) { port, running in
            let taken = await #expect(throws: HTTPServerError.self) { try await HTTPServer(port: port).run() }
            #expect(taken?.code == .cannotListen)
            let again = await #expect(throws: HTTPServerError.self) { try await running.server.run() }
            #expect(again?.code == .alreadyRun)
        }
    }
}
