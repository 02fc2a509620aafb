import NIOCore
import RESP

/// Carries out on one event loop what the connection machine decides. Used on that loop only.
final class ConnectionDriver: ConnectionEvents {
    let eventLoop: any EventLoop
    let configuration: RedisConfiguration
    let observer: ConnectionObserver
    let handshake: Handshake
    private let originBase: UInt64

    private let machineMemory: UnsafeMutablePointer<ConnectionMachine<CommandWaiter>>
    /// The loop's time as of this turn; 0 when it must be asked for. A burst of commands asks once.
    private var turnTime: UInt64 = 0
    private let connector: Connector<ConnectionDriver>
    private var handler: ConnectionHandler<ConnectionDriver>?
    private var outgoing = ByteBuffer()
    private var isFlushScheduled = false
    private var isFlushing = false
    private var timer: Scheduled<Void>?
    private var timerAt = UInt64.max
    private var reconnectTimer: Scheduled<Void>?
    private var stopPromises: [EventLoopPromise<Void>] = []
    private var isStopped = false

    init(
        eventLoop: any EventLoop,
        configuration: RedisConfiguration,
        settings: ConnectionMachine<CommandWaiter>.Settings,
        observer: ConnectionObserver,
        originBase: UInt64
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.observer = observer
        self.originBase = originBase
        handshake = Handshake(configuration)
        connector = Connector(configuration, on: eventLoop)
        machineMemory = .allocate(capacity: 1)
        machineMemory.initialize(to: ConnectionMachine(settings: settings))
    }

    deinit {
        machineMemory.deinitialize(count: 1)
        machineMemory.deallocate()
    }

    /// The machine, in memory of its own: as a stored property, each use would be checked for exclusive access at
    /// run time, several times per command. It is used on one thread, and its methods never call back into here but
    /// by `complete`, which only resumes a task, and by `write`, which only appends to the outgoing bytes.
    private var machine: ConnectionMachine<CommandWaiter> {
        _read { yield machineMemory.pointee }
        _modify { yield &machineMemory.pointee }
    }

    private var now: UInt64 { NIODeadline.now().uptimeNanoseconds }
}

// MARK: Commands

extension ConnectionDriver {
    func submit(_ command: consuming PendingCommand<CommandWaiter>) {
        let (request, waiter) = (command.request, command.waiter)
        if turnTime == 0 { turnTime = now }
        switch machine.submit(command, now: turnTime) {
        case .write:
            write(request)
        case .wait(let mustConnect):
            if !isFlushScheduled { turnTime = 0 }
            if mustConnect { connect() }
        case .refuse(let error):
            if !isFlushScheduled { turnTime = 0 }
            if error.code == .overloaded { observer.overloaded() }
            waiter?.complete(.failure(error))
        }
        rearmTimer()
    }

    func submit(_ batch: consuming SubmissionQueue<CommandWaiter>.Batch) {
        for command in batch.commands { submit(command) }
        if !batch.cancelled.isEmpty { machine.cancel(batch.cancelled, complete: complete) }
        flush()
    }

    private func complete(_ waiter: CommandWaiter, _ result: Result<RESPReplies, RedisError>) {
        waiter.complete(result)
    }

    private func write(_ request: RESPRequest) {
        outgoing.writeBytes(request.bytes)
        if outgoing.readableBytes >= Self.flushSize || machine.keepsServerWaiting { flush() }
        if !isFlushScheduled {
            // Runs after the jobs that are queued on the loop now, so that their commands go out together.
            isFlushScheduled = true
            eventLoop.assumeIsolated().execute { [self] in
                isFlushScheduled = false
                turnTime = 0
                flush()
            }
        }
    }

    /// How many bytes are gathered at most before the socket gets them.
    private static let flushSize = 64 << 10

    private func sendWaiting() {
        let now = now
        while machine.sendWaiting(now: now, budget: Self.flushSize, write: { outgoing.writeBytes($0.bytes) }) {
            flush()
        }
        rearmTimer()
    }

    private func flush() {
        guard outgoing.readableBytes > 0, !isFlushing, let handler else { return }
        isFlushing = true
        machine.flushed()
        // The channel may report from within that it is writable or closed.
        handler.write(outgoing)
        // Keeps the storage when the socket has taken everything.
        outgoing.clear()
        isFlushing = false
    }
}

// MARK: Events of the channel

extension ConnectionDriver {
    func received(_ buffer: ByteBuffer) {
        let now = now
        let wasReady = machine.phase == .ready
        let directive = buffer.withUnsafeReadableBytes { machine.received($0, now: now, complete: complete) }
        if !wasReady, machine.phase == .ready { becameReady() }
        perform(directive)
        if !machine.waiting.isEmpty { sendWaiting() }
    }

    func writabilityChanged(_ isWritable: Bool) {
        machine.isWritable = isWritable
        guard isWritable, !machine.waiting.isEmpty else { return }
        if isFlushing {
            eventLoop.assumeIsolated().execute { [self] in sendWaiting() }
        } else {
            sendWaiting()
        }
    }

    /// The current connection is over, or must be.
    func lost(_ reason: RedisError) {
        connector.giveUp()
        handler?.close()
        handler = nil
        outgoing.clear()
        let wasReady = machine.phase == .ready
        let directive = machine.lost(reason, now: now, complete: complete)
        if case .none = directive { return }
        observer.lost(reason, wasConnected: wasReady)
        perform(directive)
    }

    /// Closes the connection if it is the one that delivered these replies.
    func poison(origin: UInt64, _ reason: RedisError) {
        guard machine.phase == .ready, machine.origin == origin else { return }
        observer.poisoned()
        lost(reason)
    }

    private func becameReady() {
        connector.settle()
        observer.connected()
    }

    private func perform(_ directive: ConnectionMachine<CommandWaiter>.Directive) {
        switch directive {
        case .none:
            break
        case .connect:
            connect()
        case .reconnect(let delay):
            reconnectTimer = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(delay))) { [self] in
                reconnectTimer = nil
                perform(machine.reconnect())
            }
        case .close(let reason):
            if reason.code == .protocolError { observer.poisoned() }
            lost(reason)
        case .stop:
            stop()
        }
        rearmTimer()
    }
}

// MARK: Time

extension ConnectionDriver {
    /// Deadlines are kept to within this many nanoseconds, so that a burst of them costs one sweep.
    private static let timerGrain: UInt64 = 5_000_000

    private func rearmTimer() {
        let next = machine.nextDeadline
        guard next != .max, timerAt == .max || next &+ Self.timerGrain < timerAt else { return }
        timer?.cancel()
        timerAt = next &+ Self.timerGrain
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(timerAt)) { [self] in
            timer = nil
            timerAt = .max
            perform(machine.timer(now: now, complete: complete))
        }
    }
}

// MARK: Life

extension ConnectionDriver {
    func demand() { perform(machine.demand()) }

    /// Refuses new commands, and keeps the promise once the connection is closed.
    func shutDown(deadline: NIODeadline, promise: EventLoopPromise<Void>?) {
        if isStopped {
            promise?.succeed()
            return
        }
        if let promise { stopPromises.append(promise) }
        perform(machine.shutDown(deadline: deadline.uptimeNanoseconds, complete: complete))
    }

    private func stop() {
        isStopped = true
        timer?.cancel()
        timerAt = 0
        reconnectTimer?.cancel()
        connector.giveUp()
        for promise in stopPromises { promise.succeed() }
        stopPromises = []
    }

    private func connect() {
        reconnectTimer = nil
        connector.connect(adopt: { [self] in adopt($0) }, lost: { [self] in lost($0) })
    }

    private func adopt(_ handler: ConnectionHandler<ConnectionDriver>) {
        self.handler = handler
        handler.driver = self
        perform(machine.connected(handshake.steps, origin: originBase | connector.attempt))
        if machine.phase == .handshaking { handler.write(ByteBuffer(bytes: handshake.request.bytes)) }
    }
}
