import NIOCore
import RESP

/// Carries out on one event loop what the connection machine decides. Used on that loop only.
final class ConnectionDriver: ConnectionEvents {
    let eventLoop: any EventLoop
    let observer: ConnectionObserver
    let handshake: Handshake
    private let originBase: UInt64

    private let machineMemory: UnsafeMutablePointer<ConnectionMachine<CommandWaiter>>
    private var clock = TurnClock()
    private let connector: Connector<ConnectionDriver>
    private let witness: WitnessConnection
    private var handler: ConnectionHandler<ConnectionDriver>?
    private var outgoing = ByteBuffer()
    private var isFlushScheduled = false
    private var isFlushing = false
    /// Whether more commands follow within the same call.
    private var isInBatch = false
    private let timer: PatientTimer
    private var timerAt = UInt64.max
    private var reconnectTimer: Scheduled<Void>?
    private var stopPromises: [EventLoopPromise<Void>] = []
    private var isStopped = false

    init(
        eventLoop: any EventLoop,
        endpoint: RedisEndpoint,
        profile: ConnectionProfile,
        settings: ConnectionMachine<CommandWaiter>.Settings,
        observer: ConnectionObserver,
        originBase: UInt64
    ) {
        self.eventLoop = eventLoop
        self.observer = observer
        self.originBase = originBase
        handshake = profile.handshake
        timer = PatientTimer(on: eventLoop)
        connector = Connector(profile, on: eventLoop) { endpoint }
        witness = WitnessConnection(endpoint, profile, limits: settings.limits, on: eventLoop)
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
        let waiter = command.waiter
        // A copy: to change it in place would be checked for exclusive access at run time.
        var clock = clock
        let (now, hasPassed) = clock.now()
        self.clock = clock
        // What is gathered has waited for another job's computing: not for the next one's too.
        if hasPassed { flush() }
        switch machine.submit(command, now: now, write: { outgoing.writeBytes($0.bytes) }) {
        case .sent:
            break
        case .wait(let mustConnect):
            if mustConnect { connect() }
        case .refuse(let error):
            if error.code == .overloaded { observer.overloaded() }
            waiter?.complete(.failure(error))
        }
        gather()
        if !isFlushScheduled { self.clock.forget() }
        rearmTimer()
    }

    func submit(_ batch: consuming SubmissionQueue<CommandWaiter>.Batch) {
        isInBatch = true
        for command in batch.commands { submit(command) }
        isInBatch = false
        if !batch.cancelled.isEmpty { machine.cancel(batch.cancelled, complete: complete) }
        flush()
    }

    private func complete(_ waiter: CommandWaiter, _ result: Result<RESPReplies, RedisError>) {
        waiter.complete(result)
    }

    /// Sees that what is written goes out, now or with what is written in the same turn.
    private func gather() {
        if outgoing.readableBytes >= Self.flushSize || !isInBatch && machine.keepsServerWaiting { flush() }
        if !isFlushScheduled, outgoing.readableBytes > 0 {
            // Runs after the jobs that are queued on the loop now, so that their commands go out together.
            isFlushScheduled = true
            eventLoop.assumeIsolated().execute { [self] in
                isFlushScheduled = false
                clock.forget()
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
        if machine.isSuspect { observer.isSilent(false) }
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
        witness.giveUp()
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
        case .seekWitness:
            observer.isSilent(true)
            witness.ask { [self] isAnswered in perform(machine.witnessed(isAnswered)) }
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
        timerAt = next &+ Self.timerGrain
        timer.schedule(at: timerAt) { [self] in
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
        timer.cancel()
        timerAt = 0
        reconnectTimer?.cancel()
        connector.giveUp()
        witness.giveUp()
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
