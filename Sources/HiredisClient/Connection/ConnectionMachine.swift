import DequeModule
import RESP

/// All that is decided about one connection slot: which command gets which reply, who has waited long enough, when
/// to connect, when to give a connection up. A pure value: events in, directives out, time as an argument.
///
/// Times are nanoseconds on a monotonic clock. `complete` is called exactly once per submitted waiter.
struct ConnectionMachine<Waiter>: ~Copyable {
    typealias Completion = (Waiter, Result<RESPReplies, RedisError>) -> Void

    /// What the driver must do next.
    enum Directive {
        case none
        /// Begin a connection attempt.
        case connect
        /// Ask ``reconnect()`` after so many nanoseconds.
        case reconnect(after: UInt64)
        /// Close the connection for this reason, then report it as ``lost(_:now:complete:)``.
        case close(RedisError)
        /// The slot is shut down; nothing will follow.
        case stop
    }

    enum Submission {
        /// Write the request's bytes now.
        case write
        /// It waits here; begin a connection attempt if asked to.
        case wait(connect: Bool)
        /// Refused; the caller answers the waiter.
        case refuse(RedisError)
    }

    enum Phase: Equatable {
        case idle, connecting, handshaking, ready, backingOff, stopped
    }

    let settings: Settings
    var phase = Phase.idle
    /// A shutdown has begun: nothing new is taken.
    var isClosing = false
    /// The connection is to be replaced once the replies that it owes have come.
    var replacement: RedisError?
    var isWritable = true
    var generator: any RandomNumberGenerator & Sendable

    var reader: RESPReader?
    /// What the peer still owes of the handshake.
    var handshake: Deque<HandshakeStep> = []
    /// Sent, in the order of their replies.
    var inFlight: Deque<PendingCommand<Waiter>> = []
    /// Not sent, in the order of their submission.
    var waiting: Deque<PendingCommand<Waiter>> = []
    var waitingBytes = 0
    /// How many at the end of `inFlight` have not been handed to the socket yet.
    var unflushed = 0
    /// How many replies of the oldest command have come.
    var rootsOfOldest = 0

    var failedAttempts = 0
    /// From when on the wait for a connection counts, while there is none.
    var waitingBegins: UInt64 = 0
    var readySince: UInt64 = 0
    var lastError: RedisError?
    /// No later than the first moment at which ``timer(now:complete:)`` has something to do.
    var nextDeadline = UInt64.max
    var shutdownDeadline = UInt64.max
    /// Marks the replies of the connection that is up.
    var origin: UInt64 = 0

    init(settings: Settings, generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.settings = settings
        self.generator = generator
    }

    struct Settings: Sendable {
        var limits = RESPLimits()
        var backoff = Backoff()
        var maximumInFlight = 4096
        /// How many commands are worth a write to the socket of their own, while more are gathered.
        var minimumFlush = 8
        var maximumWaiting = 4096
        var maximumWaitingBytes = 8 << 20
        var disconnectedWait: UInt64 = 200_000_000
        var stallTimeout: UInt64 = 4_000_000_000
        /// How long a connection must have been up for the next back-off to begin anew.
        var stableAfter: UInt64 = 1_000_000_000
    }
}

extension ConnectionMachine {
    /// How many commands have not been answered or dropped.
    var commandCount: Int { inFlight.count + waiting.count }

    private var canSend: Bool {
        phase == .ready && isWritable && replacement == nil && !isClosing && inFlight.count < settings.maximumInFlight
    }

    /// Takes a command. On `.write` the driver sends its bytes before it does anything else here.
    mutating func submit(_ command: consuming PendingCommand<Waiter>, now: UInt64) -> Submission {
        if isClosing || phase == .stopped { return .refuse(RedisError(.shutDown, "the client is shut down")) }
        command.deadline = now &+ command.timeout
        command.expiry = command.deadline
        if waiting.isEmpty, canSend {
            enterFlight(command, now: now)
            return .write
        }
        guard waiting.count < settings.maximumWaiting,
            waiting.isEmpty || waitingBytes + command.request.bytes.count <= settings.maximumWaitingBytes
        else { return .refuse(RedisError(.overloaded, "too many commands wait to be sent")) }
        if phase != .ready {
            command.expiry = min(command.deadline, max(now, waitingBegins) &+ settings.disconnectedWait)
        }
        nextDeadline = min(nextDeadline, command.expiry)
        waitingBytes += command.request.bytes.count
        waiting.append(command)
        guard phase == .idle else { return .wait(connect: false) }
        phase = .connecting
        return .wait(connect: true)
    }

    /// Sends what waits and now may go, but little more than `budget` bytes, after which the socket may have had
    /// enough. Returns whether anything was sent.
    mutating func sendWaiting(now: UInt64, budget: Int = .max, write: (RESPRequest) -> Void) -> Bool {
        var sent = 0
        while sent < budget, canSend, var command = waiting.popFirst() {
            waitingBytes -= command.request.bytes.count
            guard command.waiter != nil else { continue }
            command.expiry = command.deadline
            enterFlight(command, now: now)
            write(command.request)
            sent += command.request.bytes.count
        }
        return sent > 0
    }

    /// Whether what is gathered should go to the socket at once: when it is as much as the server still works on, waiting
    /// for more would leave the server without work while the callers run, and the callers while the server does.
    var keepsServerWaiting: Bool {
        unflushed >= settings.minimumFlush && unflushed >= inFlight.count - unflushed
    }

    /// Everything written so far was handed to the socket.
    mutating func flushed() { unflushed = 0 }

    private mutating func enterFlight(_ command: consuming PendingCommand<Waiter>, now: UInt64) {
        command.sentAt = now
        command.attempts += 1
        nextDeadline = min(nextDeadline, command.expiry)
        inFlight.append(command)
        unflushed += 1
    }

    /// The callers of these commands don't wait any longer. Their replies will be consumed and dropped.
    mutating func cancel(_ ids: Set<UInt64>, complete: Completion) {
        for index in inFlight.indices where ids.contains(inFlight[index].id) {
            guard let waiter = inFlight[index].waiter.take() else { continue }
            complete(waiter, .failure(RedisError(.cancelled, "cancelled after the command was sent")))
        }
        var mustCompact = false
        for index in waiting.indices where ids.contains(waiting[index].id) {
            guard let waiter = waiting[index].waiter.take() else { continue }
            mustCompact = true
            let code: RedisError.Code = waiting[index].attempts == 0 ? .cancelledNotSent : .cancelled
            complete(waiter, .failure(RedisError(code, "cancelled while the command waited to be sent")))
        }
        if mustCompact { dropAbandonedWaiting() }
    }

    /// Forgets what waits to be sent for nobody.
    mutating func dropAbandonedWaiting() {
        waiting.removeAll { $0.waiter == nil }
        waitingBytes = waiting.reduce(0) { $0 + $1.request.bytes.count }
    }
}
