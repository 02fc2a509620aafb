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
        /// See whether the server answers on another connection, and report it as ``witnessed(_:)``.
        case seekWitness
        /// The slot is shut down; nothing will follow.
        case stop
    }

    enum Submission {
        /// It is written.
        case sent
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
    /// The server is a replica: its replies are not used, but for errors.
    var isDistrusted = false
    /// When the server's role is to be asked next.
    var nextRoleCheck = UInt64.max
    /// The oldest reply is overdue: nothing more is sent until something comes.
    var isSuspect = false
    /// When to see next whether the server answers elsewhere.
    var nextWitness: UInt64 = 0
    /// When the peer was heard last.
    var heardAt: UInt64 = 0
    /// When the question was sent whose answer shows that a quiet connection still is one; 0 where none is.
    var probedAt: UInt64 = 0
    var isWritable = true
    var generator: any RandomNumberGenerator & Sendable

    var reader: RESPReader?
    /// What the peer still owes of the handshake.
    var handshake: Deque<HandshakeStep> = []
    /// Sent, in the order of their replies.
    var inFlight = CommandQueue<Waiter>()
    /// Not sent, in the order of their submission.
    var waiting = CommandQueue<Waiter>()
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
        /// How many bytes of commands in flight may be kept, to be sent again where the connection is lost.
        var maximumInFlightBytes = 32 << 20
        /// How many commands are worth a write to the socket of their own, while more are gathered.
        var minimumFlush = 8
        var maximumWaiting = 4096
        var maximumWaitingBytes = 8 << 20
        var disconnectedWait: UInt64 = 200_000_000
        var stallTimeout: UInt64 = 4_000_000_000
        /// How long a command waits for the very first attempt to connect.
        var firstWait: UInt64 = 200_000_000
        var roleCheckInterval: UInt64 = 100_000_000
        /// After how much silence a connection is tried before it is trusted.
        var quietInterval: UInt64 = .max
        var probeTimeout: UInt64 = 500_000_000
        /// When an overdue reply makes a connection suspect.
        var overdueInterval = UInt64.max / 2
        /// How soon READONLY may replace a connection whose role isn't known.
        var readOnlyPatience: UInt64 = 1_000_000_000
        /// How long a connection must have been up for the next back-off to begin anew.
        var stableAfter: UInt64 = 1_000_000_000
    }
}

extension ConnectionMachine {
    /// How many commands have not been answered or dropped.
    var commandCount: Int { inFlight.count + waiting.count }

    private var canSend: Bool {
        phase == .ready && isWritable && replacement == nil && !isClosing && probedAt == 0 && !isSuspect
            && inFlight.count < settings.maximumInFlight && inFlight.byteCount < settings.maximumInFlightBytes
    }

    /// Takes a command. What is written goes out in this order; a command that waits may be preceded by a question.
    mutating func submit(
        _ command: consuming PendingCommand<Waiter>, now: UInt64, write: (RESPRequest) -> Void
    ) -> Submission {
        if isClosing || phase == .stopped { return .refuse(RedisError(.shutDown, "the client is shut down")) }
        command.deadline = now &+ command.timeout
        command.expiry = command.deadline
        if waiting.isEmpty, canSend, !isQuiet(now: now) {
            if beginRoleCheck(now: now) { write(RoleCheck.request) }
            write(command.request)
            enterFlight(command, now: now)
            return .sent
        }
        guard waiting.awaitedCount < settings.maximumWaiting,
            waiting.isEmpty || waiting.byteCount + command.request.bytes.count <= settings.maximumWaitingBytes
        else { return .refuse(RedisError(.overloaded, "too many commands wait to be sent")) }
        if phase != .ready {
            // Nothing is known of the server before the first attempt has ended.
            let patience = lastError == nil ? settings.firstWait : settings.disconnectedWait
            command.expiry = min(command.deadline, max(now, waitingBegins) &+ patience)
        }
        nextDeadline = min(nextDeadline, command.expiry)
        waiting.append(command)
        if let question = probe(now: now) { write(question) }
        guard phase == .idle else { return .wait(connect: false) }
        phase = .connecting
        return .wait(connect: true)
    }

    /// Sends what waits and now may go, but little more than `budget` bytes, after which the socket may have had
    /// enough. Returns whether anything was sent.
    mutating func sendWaiting(now: UInt64, budget: Int = .max, write: (RESPRequest) -> Void) -> Bool {
        var sent = 0
        while sent < budget, canSend, var command = waiting.popFirst() {
            guard command.waiter != nil else { continue }
            command.expiry = command.deadline
            if beginRoleCheck(now: now) { write(RoleCheck.request) }
            write(command.request)
            sent += command.request.bytes.count
            enterFlight(command, now: now)
        }
        return sent > 0
    }

    /// Whether what is gathered should go to the socket at once: when the server has nothing to do, or when it is as
    /// much as the server still works on. Waiting for more would leave the server without work while the callers run,
    /// and the callers while the server does.
    var keepsServerWaiting: Bool {
        let served = inFlight.count - unflushed
        return served == 0 || unflushed >= settings.minimumFlush && unflushed >= served
    }

    /// Everything written so far was handed to the socket. What may not be sent twice needs no bytes any longer.
    mutating func flushed() {
        inFlight.dropBytes(ofLast: unflushed)
        unflushed = 0
    }

    @inline(__always)
    private mutating func enterFlight(_ command: consuming PendingCommand<Waiter>, now: UInt64) {
        command.sentAt = now
        command.attempts += 1
        nextDeadline = min(nextDeadline, command.expiry, now &+ settings.overdueInterval)
        inFlight.append(command)
        unflushed += 1
    }

    /// Puts the question for the server's role in flight if it is time for it: its answer comes before those to the
    /// commands behind it, and so before any of them is used.
    private mutating func beginRoleCheck(now: UInt64) -> Bool {
        guard now >= nextRoleCheck else { return false }
        nextRoleCheck = now &+ settings.roleCheckInterval
        enterFlight(.ownQuestion(RoleCheck.request), now: now)
        return true
    }

    private func isQuiet(now: UInt64) -> Bool { now &- heardAt >= settings.quietInterval && inFlight.isEmpty }

    /// The question to a connection that was quiet for long, if it is one. Until the answer comes nothing else is sent.
    private mutating func probe(now: UInt64) -> RESPRequest? {
        guard canSend, isQuiet(now: now) else { return nil }
        let request = nextRoleCheck == .max ? RedisClient.pingRequest : RoleCheck.request
        if nextRoleCheck != .max { nextRoleCheck = now &+ settings.roleCheckInterval }
        enterFlight(.ownQuestion(request), now: now)
        probedAt = now
        nextDeadline = min(nextDeadline, now &+ settings.probeTimeout)
        return request
    }

    /// The callers of these commands don't wait any longer. Their replies will be consumed and dropped.
    mutating func cancel(_ ids: Set<UInt64>, complete: Completion) {
        for id in ids {
            if let (waiter, _) = inFlight.takeWaiter(id: id) {
                complete(waiter, .failure(RedisError(.cancelled, "cancelled after the command was sent")))
            } else if let (waiter, attempts) = waiting.takeWaiter(id: id) {
                let code: RedisError.Code = attempts == 0 ? .cancelledNotSent : .cancelled
                complete(waiter, .failure(RedisError(code, "cancelled while the command waited to be sent")))
            }
        }
        waiting.dropAbandoned()
    }
}
