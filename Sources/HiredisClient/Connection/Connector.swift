import NIOCore

/// Makes connections for a driver, one at a time, each within the connect timeout. Used on its event loop only.
final class Connector<Driver: ConnectionEvents> {
    typealias Handler = ConnectionHandler<Driver>

    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private var timer: Scheduled<Void>?
    private var isConnecting = false
    /// Counts connection attempts, so that what a former one still has to say is known as such.
    private(set) var attempt: UInt64 = 0

    init(_ configuration: RedisConfiguration, on eventLoop: any EventLoop) {
        self.configuration = configuration
        self.eventLoop = eventLoop
    }

    /// Begins an attempt, which ends with a call of `adopt` or `lost`. Whoever adopts says ``settle()`` once the
    /// connection is ready for use; until then `lost` may still follow, as the time limit is for the handshake too.
    /// Nothing is called after ``giveUp()``.
    func connect(adopt: @escaping (Handler) -> Void, lost: @escaping (RedisError) -> Void) {
        attempt += 1
        isConnecting = true
        let current = attempt
        timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.connectTimeout)) {
            lost(RedisError(.connectFailed, "no connection within the connect timeout"))
        }
        ConnectionBootstrap.connect(configuration, on: eventLoop, makeHandler: { Handler() }) { [self] result in
            guard current == attempt, isConnecting else {
                if case .success(let handler) = result { handler.close() }
                return
            }
            isConnecting = false
            switch result {
            case .success(let handler): adopt(handler)
            case .failure(let error): lost(RedisError(.connectFailed, "no connection", underlying: error))
            }
        }
    }

    /// The connection is ready for use: its time limit is over.
    func settle() {
        timer?.cancel()
        timer = nil
    }

    /// The connection, or the attempt at it, is over.
    func giveUp() {
        settle()
        isConnecting = false
    }
}
