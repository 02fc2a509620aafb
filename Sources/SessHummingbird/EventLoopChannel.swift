import EventLoopExecution
public import HummingbirdCore
import Logging
import NIOCore

/// Handles each connection of another kind of channel on the event loop that the connection lives on.
///
/// Requests then change threads neither between the socket and the handler nor between the handler and a Redis
/// connection of the same event loop.
struct EventLoopChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    private let executors = EventLoopExecutors()

    init(_ base: Base) { self.base = base }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        // First, so that it is the last to see what is written.
        let added = channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(TurnFlushHandler())
        }
        return added.flatMap { base.setup(channel: channel, logger: logger) }
    }

    @concurrent
    func handle(value: Base.Value, logger: Logger) async {
        let executor = executors.executor(of: value.channel.eventLoop)
        await withTaskExecutorPreference(executor) { await base.handle(value: value, logger: logger) }
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 with each connection's requests handled on the connection's own event loop.
    ///
    /// Give the application and its `RedisClient` the same event loop group, and the client as many `connections` as
    /// the group has threads: a session then costs no change of thread.
    ///
    /// ```swift
    /// let group = MultiThreadedEventLoopGroup.singleton
    /// let application = Application(
    ///     router: router, server: .http1OnEventLoop(), eventLoopGroupProvider: .shared(group))
    /// ```
    ///
    /// Handlers must not block and should not compute for long: they would hold up all connections of their event
    /// loop. Move such work to another executor.
    ///
    /// - Parameter configuration: The channel's settings.
    public static func http1OnEventLoop(configuration: HTTP1Channel.Configuration = .init()) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            EventLoopChannel(HTTP1Channel(responder: responder, configuration: configuration))
        }
    }
}
