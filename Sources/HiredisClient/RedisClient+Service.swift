public import ServiceLifecycle

extension RedisClient: Service {
    /// Connects, and stays until the task is cancelled or a graceful shutdown begins; then shuts the client down.
    ///
    /// A server that can't be reached is no error here: the client keeps trying, and ``health`` says so.
    public func run() async throws {
        router.start()
        beginServerCheck()
        // Ends by a graceful shutdown, or with an error by cancellation; both mean the same here.
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Refuses new commands, waits for the replies to those that were sent, for no longer than the configured
    /// shutdown timeout, and closes. May be called more than once.
    public func shutdown() async {
        await subscriber.shutDown()
        await router.stop()
        await withDiscardingTaskGroup { group in
            for node in router.nodes { group.addTask { await node.shutDown() } }
        }
    }
}
