import NIOCore
public import ServiceLifecycle

extension RedisClient: Service {
    /// Connects, and stays until the task is cancelled or a graceful shutdown begins; then shuts the client down.
    ///
    /// A server that can't be reached is no error here: the client keeps trying, and ``health`` says so.
    public func run() async throws {
        for link in links { link.connect() }
        // Ends by a graceful shutdown, or with an error by cancellation; both mean the same here.
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Refuses new commands, waits for the replies to those that were sent, for no longer than the configured
    /// shutdown timeout, and closes. May be called more than once.
    public func shutdown() async {
        await subscriber.shutDown()
        let grace = TimeAmount(configuration.shutdownTimeout)
        for link in links {
            let promise = link.eventLoop.makePromise(of: Void.self)
            link.shutDown(grace: grace, promise: promise)
            // The promise is only ever kept.
            try? await promise.futureResult.get()
            link.close()
        }
    }
}
