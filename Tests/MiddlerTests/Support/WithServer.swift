import Logging
import Middler
import NIOCore
import NIOPosix
import ServiceLifecycle

/// Runs `body` with the port of a server that a chain is attached to, and stops the server in good order.
func withServer<Result: Sendable>(
    _ chain: HandlerChain,
    own: (any Handler)? = nil,
    group threads: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    configure: (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: @Sendable (Int, RunningServer) async throws -> Result
) async throws -> Result {
    var configuration = HTTPServer.Configuration(port: 0)
    configuration.logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    configuration.lingerTimeout = .milliseconds(500)
    configure(&configuration)
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let server = HTTPServer(
        configuration, eventLoopGroup: threads, handler: own, onListening: { continuation.yield($0.port ?? 0) })
    chain.attach(server)
    let group = ServiceGroup(configuration: .init(services: [server], logger: configuration.logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { continuation.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await tasks.waitForAll()
            throw CancellationError()
        }
        do {
            let result = try await body(port, RunningServer(server: server, group: group))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        } catch {
            tasks.cancelAll()
            throw error
        }
    }
}

struct RunningServer: Sendable {
    let server: HTTPServer
    let group: ServiceGroup
}
