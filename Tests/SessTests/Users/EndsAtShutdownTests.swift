import Modeler
import ServiceLifecycle
import Testing

@testable import Sess

@Suite("Streams of ends at a server's shutdown")
struct EndsAtShutdownTests {
    /// A server whose only request waits for a session's end.
    private struct Server: Service {
        let manager: SessionManager
        let id: ModelID
        let onOpen: @Sendable () -> Void

        func run() async {
            let ends = manager.endEvents(of: id, pollingEvery: .seconds(600))
            onOpen()
            for await end in ends { Issue.record("\(end) though the session is alive") }
        }
    }

    @Test("A graceful shutdown finishes the streams of the server's own requests", .timeLimit(.minutes(2)))
    func graceful() async throws {
        let app = try TestApp()
        let id = try await app.visit(app.signedIn("alice")) { $0.id }
        let (opened, continuation) = AsyncStream.makeStream(of: Void.self)
        let server = Server(manager: app.manager, id: id) { continuation.yield() }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: app.manager.options.logger))
        async let run: Void = group.run()
        for await _ in opened { break }
        let elsewhere = app.manager.endEvents(of: id, pollingEvery: .seconds(600))
        await group.triggerGracefulShutdown()
        try await run
        // A stream that belongs to no service goes on.
        try await app.manager.revokeAll(of: "alice")
        #expect(await elsewhere.first { _ in true } == .revoked)
    }

    @Test("finishEndEvents() finishes all streams without an end, and later ones at once", .timeLimit(.minutes(2)))
    func byHand() async throws {
        let app = try TestApp()
        let id = try await app.visit(app.signedIn("alice")) { $0.id }
        let streams = (0..<3).map { _ in app.manager.endEvents(of: id, pollingEvery: .seconds(600)) }
        app.manager.finishEndEvents()
        for stream in streams + [app.manager.endEvents(of: id)] {
            #expect(await stream.first { _ in true } == nil)
        }
        #expect(app.manager.endStreams.count == 0)
    }
}
