import Logging
import Metrics
import NIOCore
import RESP
import Synchronization

/// Writes to one server that its replicas are to confirm. Thread-safe.
///
/// They have a connection of their own, as WAIT holds up all that comes behind it.
final class ReplicatedWrites: Sendable {
    private typealias Command = PendingCommand<CommandWaiter>

    private struct State {
        var machine: ReplicationMachine
        /// What goes together when the replicas have answered for those before.
        var gathered: [Command] = []
        var gatheredBytes = 0
        var round = ReplicationRound()

        mutating func takeRound() -> (round: ReplicationRound, commands: [Command]) {
            defer {
                gathered = []
                gatheredBytes = 0
                round = ReplicationRound()
            }
            return (round, gathered)
        }

        /// Takes a command to those that wait, unless there are too many. One alone may have any size.
        mutating func gather(_ command: consuming Command, _ bounds: (count: Int, bytes: Int)) -> Bool {
            let bytes = command.request.bytes.count
            let isFull =
                gathered.count >= bounds.count
                || !gathered.isEmpty && gatheredBytes + bytes > bounds.bytes
            guard !isFull else { return false }
            gatheredBytes += bytes
            gathered.append(command)
            return true
        }

        mutating func takeBack(_ id: UInt64) -> CommandWaiter? {
            guard let index = gathered.firstIndex(where: { $0.id == id }) else { return nil }
            let command = gathered.remove(at: index)
            gatheredBytes -= command.request.bytes.count
            return command.waiter
        }
    }

    let link: RedisLink
    private let limit: UInt64
    private let commandTimeout: UInt64
    private let bounds: (count: Int, bytes: Int)
    private let logger: Logger
    private let state: Mutex<State>
    private let unconfirmed = Counter(label: "redis_client_writes_unconfirmed")

    init(_ link: RedisLink, minimum: Int, within limit: Duration, configuration: RedisConfiguration) {
        self.link = link
        self.limit = limit.unsignedNanoseconds
        commandTimeout = configuration.commandTimeout.unsignedNanoseconds
        bounds = (configuration.maximumWaiting, configuration.maximumWaitingBytes)
        logger = configuration.logger
        state = Mutex(State(machine: ReplicationMachine(minimum: minimum)))
    }

    private var now: UInt64 { NIODeadline.now().uptimeNanoseconds }

    /// Sends a write, waits for its replies, and then for the replicas.
    ///
    /// - Parameter timeout: How long the write itself may take once it is sent.
    /// - Returns: The replies, which say whether they are confirmed. A task that is cancelled after the write was
    ///   answered gets them as they are.
    func perform(_ request: RESPRequest, timeout: UInt64, retry: RetryPolicy) async -> Result<RESPReplies, RedisError> {
        let id = link.nextID()
        var round: ReplicationRound?
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                round = submit(
                    Command(
                        id: id, request: request, retry: retry, timeout: timeout,
                        waiter: CommandWaiter(continuation: continuation)))
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        guard case .success(var replies) = result, !replies.containsError else { return result }
        let origin = await round?.confirmation()
        replies.isConfirmed = origin == replies.origin
        if !replies.isConfirmed { unconfirmed.increment() }
        return .success(replies)
    }

    /// - Returns: The round that the write belongs to.
    private func submit(_ command: consuming Command) -> ReplicationRound {
        let waiter = command.waiter
        let now = now
        let (submission, round, isFull) = state.withLock { [command] state in
            let submission = state.machine.submit(now: now)
            switch submission {
            case .ask: return (submission, state.takeRound().round, false)
            case .skip: return (submission, ReplicationRound(), false)
            case .gather:
                return (submission, state.round, !state.gather(command, bounds))
            }
        }
        switch submission {
        case .ask:
            link.submit(command)
            ask(round)
        case .skip:
            round.end(nil)
            link.submit(command)
        case .gather:
            if isFull { waiter?.complete(.failure(RedisError(.overloaded, "too many writes wait for the replicas"))) }
        }
        return round
    }

    private func cancel(_ id: UInt64) {
        guard let waiter = state.withLock({ $0.takeBack(id) }) else { return link.cancel(id) }
        waiter.complete(.failure(RedisError(.cancelledNotSent, "cancelled before the command was sent")))
    }

    /// Asks the replicas about a round that was sent, and goes on with what was gathered meanwhile.
    private func ask(_ round: ReplicationRound) {
        Task {
            let origin = await confirmation()
            round.end(origin)
            let now = now
            let (next, following) = state.withLock { state in
                let next = state.machine.ended(
                    isConfirmed: origin != nil, hasGathered: !state.gathered.isEmpty, now: now)
                return (next, next == .rest ? nil : state.takeRound())
            }
            guard let following else { return }
            for command in following.commands { link.submit(command) }
            if next == .ask { ask(following.round) } else { following.round.end(nil) }
        }
    }

    /// - Returns: The origin of the connection on which the replicas have confirmed all that was sent before.
    private func confirmation() async -> UInt64? {
        let end = now &+ limit
        var reason = ""
        var firstOrigin: UInt64?
        while true {
            let asked = state.withLock { $0.machine.wanted }
            let left = max(1, (end &- min(now, end)) / 1_000_000)
            let result = await link.perform(
                Self.question(asked, milliseconds: left), timeout: left * 1_000_000 &+ commandTimeout, retry: .never)
            var confirmed: Int?
            var connected: Int?
            switch result {
            case .success(let replies):
                firstOrigin = firstOrigin ?? replies.origin
                // A connection that is new has nothing to wait for.
                confirmed = firstOrigin == replies.origin ? replies.reply.integer.map(Int.init) : nil
                connected = RoleCheck.replicaCount(in: replies[1])
                reason = replies.firstError.map { "\(RedisError(reply: $0))" } ?? "\(confirmed ?? 0) of \(asked)"
            case .failure(let error):
                reason = "\(error)"
            }
            let verdict = state.withLock {
                $0.machine.answered(confirmed: confirmed, asked: asked, connected: connected)
            }
            if verdict == .confirmed { return firstOrigin }
            if verdict == .unconfirmed || now >= end { break }
        }
        LogLimiter.shared.log(
            .warning, "the replicas of Redis don't confirm a write in time", reason: reason,
            metadata: ["confirmed": "\(reason)"], to: logger)
        return nil
    }

    private static func question(_ replicas: Int, milliseconds: UInt64) -> RESPRequest {
        RESPRequest.build(capacity: 96) { encoder in
            encoder.command("WAIT", argumentCount: 3)
            encoder.argument(replicas)
            encoder.argument(Int(clamping: milliseconds))
            encoder.command("ROLE", argumentCount: 1)
        }
    }
}
