import EventLoopExecution
import Logging
public import NIOCore
public import NIOPosix
public import ServiceLifecycle
import Synchronization

/// An HTTP/1.1 server (RFC 9110, RFC 9112) for a ``HandlerChain``.
///
/// ```swift
/// let server = HTTPServer(port: 3000)
/// middler(server).get("/") { _ in "hello world!" }
/// try await server.run()
/// ```
///
/// Each connection's requests are handled on the event loop that the connection lives on. Handlers must not block and
/// should not compute for long there; move such work to another executor.
public final class HTTPServer: Service {
    private let configuration: Configuration
    private let group: any EventLoopGroup
    private let handlers: ServerHandlers
    private let onListening: @Sendable (SocketAddress) -> Void
    private let connections: OpenConnections
    private let hasRun = Atomic(false)

    /// A server.
    ///
    /// - Parameters:
    ///   - configuration: Where it listens, and its limits.
    ///   - eventLoopGroup: The threads that it runs on. Give a `RedisClient` the same ones.
    ///   - handler: Answers what no attached chain answers.
    ///   - onListening: Called with the address once the server takes connections.
    public init(
        _ configuration: Configuration,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        handler: (any Handler)? = nil,
        onListening: @escaping @Sendable (SocketAddress) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.group = eventLoopGroup
        self.handlers = ServerHandlers(handler)
        self.onListening = onListening
        connections = OpenConnections(maximum: configuration.maximumConnections)
    }

    /// A server with default limits.
    public convenience init(host: String = "127.0.0.1", port: Int = 8080) {
        self.init(Configuration(host: host, port: port))
    }

    /// The chain that is attached; the first call attaches an empty one.
    public var chain: HandlerChain { handlers.attachedChain { HandlerChain(attachedTo: self) } }

    func attach(_ chain: HandlerChain) -> HandlerChain? { handlers.attach(chain) }

    func detach(_ chain: HandlerChain) { handlers.detach(chain) }

    /// Serves until the task is cancelled or a `ServiceGroup` asks for a graceful stop.
    ///
    /// After a graceful stop no connection is taken any more, and requests under way have
    /// ``Configuration/shutdownTimeout``. Then, or at once where the task is cancelled, all connections are closed,
    /// also those that waited because of ``Configuration/maximumConnections``, and
    /// handlers cancelled. Those that still run after ``Configuration/cancellationTimeout`` are left behind, which is
    /// logged: the function returns in any case. Call it once.
    ///
    /// - Throws: ``HTTPServerError``; `CancellationError` where the task was cancelled.
    public func run() async throws {
        if let problem = configuration.problem {
            throw HTTPServerError(code: .invalidConfiguration, message: problem)
        }
        guard hasRun.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else {
            throw HTTPServerError(code: .alreadyRun, message: "a server runs once; make another one")
        }
        let listener = try await listen()
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                if let address = listener.channel.localAddress { onListening(address) }
                // No child task: nothing that it waits for may keep this function from returning.
                Task { await accept(listener) }
                await connections.waitForEnd()
            } onGracefulShutdown: {
                self.stop(listener.channel, within: self.configuration.shutdownTimeout)
            }
        } onCancel: {
            self.stop(listener.channel, within: .zero)
        }
        try Task.checkCancellation()
    }

    private typealias Listener = NIOAsyncChannel<Connection, Never>

    /// Takes connections until the listener closes, and has each one served by a task of its own.
    private func accept(_ listener: Listener) async {
        let service = RequestService(handlers: handlers, logger: configuration.logger)
        let executors = EventLoopExecutors()
        do {
            try await listener.executeThenClose { accepted in
                for try await connection in accepted {
                    connections.add(connection)
                    let task = Task(executorPreference: executors.executor(of: connection.channel.eventLoop)) {
                        await connection.serve(service)
                        self.connections.remove(connection)
                    }
                    connections.setTask(task, of: connection)
                    await connections.waitForRoom()
                }
            }
        } catch {
            configuration.logger.error("accepting connections failed", metadata: ["error": "\(error)"])
        }
        connections.endAccepting()
    }

    private func stop(_ listener: any Channel, within time: Duration) {
        listener.close(promise: nil)
        connections.quiesce()
        let deadline = Task { [connections, configuration] in
            if time > .zero { try? await Task.sleep(for: time) }
            guard !Task.isCancelled else { return }
            connections.closeAll()
            try? await Task.sleep(for: configuration.cancellationTimeout)
            guard !Task.isCancelled, let left = connections.abandon() else { return }
            configuration.logger.error(
                "handlers that ignore their cancellation are left behind", metadata: ["connections": "\(left)"])
        }
        connections.setDeadline(deadline)
    }

    private func listen() async throws -> Listener {
        let configuration = configuration
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptErrors(configuration.logger))
                }
            }
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // What is read at once comes on top of what is kept of a head.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: 16 << 10))
        let setUp: @Sendable (any Channel) -> EventLoopFuture<Connection> = { [connections] channel in
            channel.eventLoop.makeCompletedFuture {
                let connection = try Connection.make(channel, configuration)
                connections.accept(connection)
                return connection
            }
        }
        do {
            switch configuration.address {
            case .host(let host, let port):
                return try await bootstrap.bind(host: host, port: port, childChannelInitializer: setUp)
            case .unixSocket(let path):
                return try await bootstrap.bind(
                    unixDomainSocketPath: path, cleanupExistingSocketFile: true, childChannelInitializer: setUp)
            }
        } catch {
            throw HTTPServerError(
                code: .cannotListen, message: "can't listen on \(configuration.address): \(error)")
        }
    }
}
