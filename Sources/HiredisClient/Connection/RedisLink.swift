import NIOCore
import RESP
import Synchronization

/// One connection slot as the client's callers see it, from any thread.
final class RedisLink: Sendable {
    let eventLoop: any EventLoop
    let observer: ConnectionObserver
    private let number: UInt64
    private let driver: NIOLoopBoundBox<ConnectionDriver>
    private let queue: SubmissionQueue<CommandWaiter>
    private let lastID = Atomic<UInt64>(0)
    private let isWanted = Atomic(false)
    private let closed = Atomic(false)

    /// - Parameter number: Its own among the client's connection slots.
    init(endpoint: RedisEndpoint, profile: ConnectionProfile, eventLoop: any EventLoop, number: UInt64) {
        self.eventLoop = eventLoop
        self.number = number
        let configuration = profile.configuration
        let observer = ConnectionObserver(configuration: configuration, endpoint: endpoint, number: number)
        self.observer = observer
        queue = SubmissionQueue(
            capacity: configuration.maximumInFlight + configuration.maximumWaiting,
            maximumBytes: min(configuration.maximumInFlightBytes, .max / 2)
                + min(configuration.maximumWaitingBytes, .max / 2)
        )
        let settings = ConnectionMachine<CommandWaiter>.Settings(configuration)
        driver = NIOLoopBoundBox.makeBoxSendingValue(
            ConnectionDriver(
                eventLoop: eventLoop,
                endpoint: endpoint,
                profile: profile,
                settings: settings,
                observer: observer,
                originBase: number << RedisLink.attemptBits
            ),
            eventLoop: eventLoop
        )
    }

    /// A reply's origin is the slot's number and that of the attempt to connect; 0 is no origin.
    private static let attemptBits = 32

    /// Whether a reply came by this slot, on whichever of its connections.
    func delivered(origin: UInt64) -> Bool { origin >> RedisLink.attemptBits == number }

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

    /// Sends a request and waits for its replies, for as long as its time lasts and its task isn't cancelled. Inlined,
    /// so that a command costs its caller one asynchronous frame.
    @inline(__always)
    func perform(
        _ request: RESPRequest, timeout: UInt64, retry: RetryPolicy
    ) async -> Result<RESPReplies, RedisError> {
        let id = nextID()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                submit(
                    PendingCommand(
                        id: id,
                        request: request,
                        retry: retry,
                        timeout: timeout,
                        waiter: CommandWaiter(continuation: continuation)
                    )
                )
                // A handler that ran before the command was submitted found nothing to cancel.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
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
        maximumInFlightBytes = configuration.maximumInFlightBytes
        maximumWaiting = configuration.maximumWaiting
        maximumWaitingBytes = configuration.maximumWaitingBytes
        disconnectedWait = configuration.disconnectedWait.unsignedNanoseconds
        roleCheckInterval = configuration.roleCheckInterval.unsignedNanoseconds
        firstWait = max(configuration.connectTimeout.unsignedNanoseconds, disconnectedWait)
        quietInterval = configuration.quietInterval.unsignedNanoseconds
        probeTimeout = configuration.probeTimeout.unsignedNanoseconds
        overdueInterval = configuration.overdueInterval.unsignedNanoseconds
        stallTimeout = configuration.stallTimeout.unsignedNanoseconds
    }
}
