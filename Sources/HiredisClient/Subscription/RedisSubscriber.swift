import NIOCore
import Synchronization

/// The connection that receives messages, as the client's callers see it, from any thread. It connects at the first
/// subscription, and again whenever it is lost.
final class RedisSubscriber: Sendable {
    private let eventLoop: any EventLoop
    private let driver: NIOLoopBoundBox<SubscriptionDriver>
    private let last = Atomic<UInt64>(0)
    private let isClosed = Atomic(false)

    /// - Parameter endpoint: Where the server is by now, if that is known. Called from the event loop.
    init(
        profile: ConnectionProfile, eventLoop: any EventLoop, endpoint: @escaping @Sendable () -> RedisEndpoint?
    ) {
        self.eventLoop = eventLoop
        driver = NIOLoopBoundBox.makeBoxSendingValue(
            SubscriptionDriver(eventLoop: eventLoop, profile: profile, endpoint: endpoint),
            eventLoop: eventLoop
        )
    }

    func subscribe(
        to channel: String, _ listener: @escaping @Sendable (SubscriptionSignal) -> Void
    ) -> RedisSubscription {
        let number = last.wrappingAdd(1, ordering: .relaxed).newValue
        if isClosed.load(ordering: .acquiring) {
            listener(.closed)
        } else {
            eventLoop.execute { self.driver.value.add(number, to: channel, listener) }
        }
        return RedisSubscription(subscriber: self, channel: channel, number: number)
    }

    func remove(_ number: UInt64, from channel: String) {
        guard !isClosed.load(ordering: .acquiring) else { return }
        eventLoop.execute { self.driver.value.remove(number, from: channel) }
    }

    /// Drops the connection, and makes one to where the server is now.
    func reconnect() {
        guard !isClosed.load(ordering: .acquiring) else { return }
        eventLoop.execute {
            self.driver.value.lost(RedisError(.connectionClosed, "the messages come from another server now"))
        }
    }

    /// Closes the connection. Its event loop isn't used afterwards.
    func close(promise: EventLoopPromise<Void>?) {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else {
            promise?.succeed()
            return
        }
        eventLoop.execute {
            self.driver.value.stop()
            promise?.succeed()
        }
    }

    func shutDown() async {
        guard !isClosed.load(ordering: .acquiring) else { return }
        let promise = eventLoop.makePromise(of: Void.self)
        close(promise: promise)
        // The promise is only ever kept.
        try? await promise.futureResult.get()
    }
}

/// A subscription to a channel. It lasts until it is cancelled.
package struct RedisSubscription: Sendable {
    fileprivate let subscriber: RedisSubscriber
    fileprivate let channel: String
    fileprivate let number: UInt64

    /// Nothing more is told, but what is being told right now. May be called more than once.
    package func cancel() { subscriber.remove(number, from: channel) }
}

extension RedisClient {
    /// Subscribes to a channel, on a connection for subscriptions alone that is made anew whenever it is lost.
    ///
    /// - Parameter listener: Called on the connection's event loop; it must return soon. It is told that the
    ///   subscription stands, of each message, and of each time in which messages may be missed: after such a time look
    ///   for yourself.
    package func subscribe(
        to channel: String, _ listener: @escaping @Sendable (SubscriptionSignal) -> Void
    ) -> RedisSubscription {
        subscriber.subscribe(to: channel, listener)
    }
}
