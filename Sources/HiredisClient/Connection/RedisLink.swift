import NIOCore
import RESP
import Synchronization

/// One connection slot as the client's callers see it, from any thread.
final class RedisLink: Sendable {
    let eventLoop: any EventLoop
    let observer: ConnectionObserver
    private let driver: NIOLoopBoundBox<ConnectionDriver>
    private let queue: SubmissionQueue<CommandWaiter>
    private let lastID = Atomic<UInt64>(0)
    private let isWanted = Atomic(false)
    private let closed = Atomic(false)

    init(configuration: RedisConfiguration, eventLoop: any EventLoop, index: Int) {
        self.eventLoop = eventLoop
        let observer = ConnectionObserver(configuration: configuration, index: index)
        self.observer = observer
        queue = SubmissionQueue(capacity: configuration.maximumInFlight + configuration.maximumWaiting)
        let settings = ConnectionMachine<CommandWaiter>.Settings(configuration)
        driver = NIOLoopBoundBox.makeBoxSendingValue(
            ConnectionDriver(
                eventLoop: eventLoop,
                configuration: configuration,
                settings: settings,
                observer: observer,
                originBase: RedisLink.originBase(index)
            ),
            eventLoop: eventLoop
        )
    }

    /// The part of a reply's origin that names the slot; 0 is no origin.
    static func originBase(_ index: Int) -> UInt64 { UInt64(index + 1) << 48 }

    static func index(origin: UInt64) -> Int { Int(origin >> 48) - 1 }

    func nextID() -> UInt64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    func submit(_ command: consuming PendingCommand<CommandWaiter>) {
        if eventLoop.inEventLoop {
            driver.value.submit(command)
            return
        }
        let waiter = command.waiter
        switch queue.submit(command) {
        case .wake:
            eventLoop.execute { self.drain() }
        case .taken:
            break
        case .full:
            observer.overloaded()
            waiter?.complete(.failure(RedisError(.overloaded, "too many commands wait to be sent")))
        case .closed:
            waiter?.complete(.failure(RedisError(.shutDown, "the client is shut down")))
        }
    }

    /// Whether ``close()`` was called; the event loop may be gone since.
    var isClosed: Bool { closed.load(ordering: .acquiring) }

    func cancel(_ id: UInt64) {
        if case .wake = queue.cancel(id) { eventLoop.execute { self.drain() } }
    }

    func poison(origin: UInt64, _ reason: RedisError) {
        eventLoop.execute { self.driver.value.poison(origin: origin, reason) }
    }

    /// Connects, and reconnects from then on. Only the first call does anything.
    func connect() {
        guard !isWanted.exchange(true, ordering: .relaxed) else { return }
        eventLoop.execute { self.driver.value.demand() }
    }

    /// Refuses new commands at once, lets those that were sent finish within `grace`, and closes.
    func shutDown(grace: TimeAmount, promise: EventLoopPromise<Void>?) {
        eventLoop.execute {
            // Cancellations go to the queue, so it stays open until the driver has none left to cancel.
            self.drain()
            self.driver.value.shutDown(deadline: .now() + grace, promise: promise)
        }
    }

    /// Answers at once from now on. Called after the driver has stopped.
    func close() {
        closed.store(true, ordering: .releasing)
        let rest = queue.close()
        for command in rest.commands {
            command.waiter?.complete(.failure(RedisError(.shutDown, "the client is shut down")))
        }
    }

    private func drain() { driver.value.submit(queue.drain()) }
}

extension ConnectionMachine.Settings {
    init(_ configuration: RedisConfiguration) {
        self.init()
        limits = RESPLimits(
            maximumBulkBytes: configuration.maximumReplyStringBytes,
            // What a hash of small fields has that is no larger than one such string.
            maximumElements: max(limits.maximumElements, configuration.maximumReplyStringBytes / 8),
            maximumReplyBytes: max(
                limits.maximumReplyBytes, 4 * min(configuration.maximumReplyStringBytes, Int(Int32.max)))
        )
        maximumInFlight = configuration.maximumInFlight
        maximumWaiting = configuration.maximumWaiting
        maximumWaitingBytes = configuration.maximumWaitingBytes
        disconnectedWait = configuration.disconnectedWait.unsignedNanoseconds
        stallTimeout = configuration.stallTimeout.unsignedNanoseconds
    }
}
