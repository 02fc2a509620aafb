public import Hummingbird
public import HummingbirdCore
public import Logging
public import NIOCore
public import NIOPosix
import ServiceLifecycle
public import Sess
public import SessHummingbird

/// Runs a server on a free port, with ``SessMiddleware`` before the routes, and `body` with its port.
public func withApp<Result: Sendable>(
    _ manager: SessionManager,
    isTLS: Bool = false,
    server: HTTPServerBuilder = .http1(),
    eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    logger: Logger = Logger(label: "app", factory: { _ in SwiftLogNoOpLogHandler() }),
    skip: (@Sendable (Request) -> Bool)? = nil,
    before: (Router<BasicSessRequestContext>) -> Void = { _ in },
    routes: (Router<BasicSessRequestContext>) -> Void,
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    let router = Router(context: BasicSessRequestContext.self)
    before(router)
    router.add(middleware: SessMiddleware(manager, isTLS: isTLS, skip: skip))
    routes(router)
    return try await withRouter(
        router, server: server, eventLoopGroup: eventLoopGroup, logger: logger, body)
}

/// Runs a server with a router on a free port, and `body` with its port.
public func withRouter<Context, Result: Sendable>(
    _ router: Router<Context>,
    server: HTTPServerBuilder = .http1(),
    eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    logger: Logger = Logger(label: "app", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result where Context: InitializableFromSource<ApplicationRequestContextSource> {
    let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
        router: router,
        server: server,
        configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in continuation.yield(channel.localAddress?.port ?? 0) },
        eventLoopGroupProvider: .shared(eventLoopGroup),
        logger: logger
    )
    let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { continuation.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await tasks.waitForAll()
            throw HTTPConnection.Failure(description: "the server ended before it ran")
        }
        do {
            let result = try await body(port)
            await group.triggerGracefulShutdown()
            tasks.cancelAll()
            return result
        } catch {
            tasks.cancelAll()
            throw error
        }
    }
}
