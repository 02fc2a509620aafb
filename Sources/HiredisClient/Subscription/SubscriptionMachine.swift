import RESP

/// All that is decided about the connection that receives messages: which channels are subscribed, when to connect,
/// when to give the connection up. A pure value: events in, directives and signals out.
///
/// RESP2 gives a connection with subscriptions over to them, so it is one of its own.
struct SubscriptionMachine: ~Copyable {
    /// What the driver must do next.
    enum Directive {
        case none
        /// Begin a connection attempt.
        case connect
        /// Call ``reconnect()`` after so many nanoseconds.
        case reconnect(after: UInt64)
        /// Close the connection for this reason, then report it as ``lost(_:signal:)``.
        case close(RedisError)
    }

    enum Phase: Equatable {
        case idle, connecting, handshaking, ready, backingOff, stopped
    }

    private struct Channel {
        /// How many answers to commands on this channel are still to come.
        var awaited = 0
        /// Whether the server has confirmed the subscription on the present connection.
        var isConfirmed = false
        var isWanted = true
    }

    private(set) var phase = Phase.idle
    private var channels: [String: Channel] = [:]
    private var handshake: ArraySlice<HandshakeStep> = []
    private var reader: RESPReader?
    private var failedAttempts = 0
    private var wasRefused = false
    /// Whether the peer has sent anything since the last ping.
    private var hasHeard = false
    /// How many pings have not been answered.
    private var awaitedPongs = 0
    private var backoff = Backoff()
    private var generator: any RandomNumberGenerator & Sendable

    /// What is to be sent now; the driver takes it.
    private(set) var outgoing: [UInt8] = []

    /// More channels than these are refused: each is memory here and in the server.
    static let maximumChannels = 1 << 16

    /// How long to leave a server alone that doesn't allow subscriptions, in nanoseconds.
    private static let refusalPause: UInt64 = 30_000_000_000

    init(generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        self.generator = generator
    }

    /// The number of channels of which anything is kept.
    var channelCount: Int { channels.count }

    mutating func takeOutgoing() -> [UInt8] {
        defer { outgoing = [] }
        return outgoing
    }

    // MARK: Channels

    /// Subscribes to a channel.
    ///
    /// - Returns: Whether it is subscribed already; `nil` where there are too many.
    mutating func want(_ name: String) -> (isTold: Bool, directive: Directive)? {
        guard phase != .stopped, channels[name] != nil || channels.count < Self.maximumChannels else { return nil }
        var channel = channels[name] ?? Channel(isWanted: false)
        if !channel.isWanted {
            channel.isWanted = true
            channel.isConfirmed = false
            if phase == .ready {
                channel.awaited += 1
                append("SUBSCRIBE", [name])
            }
        }
        channels[name] = channel
        guard phase == .idle else { return (channel.isConfirmed, .none) }
        phase = .connecting
        return (false, .connect)
    }

    /// Gives a channel up.
    mutating func unwant(_ name: String) {
        guard var channel = channels[name], channel.isWanted else { return }
        channel.isWanted = false
        channel.isConfirmed = false
        if phase == .ready {
            channel.awaited += 1
            append("UNSUBSCRIBE", [name])
            channels[name] = channel
        } else {
            channels[name] = nil
        }
    }

    private mutating func append(_ command: String, _ names: ArraySlice<String>) {
        let request = RESPRequest.build(capacity: names.count * 80 + 32) { encoder in
            encoder.command(argumentCount: 1 + names.count)
            encoder.argument(command)
            for name in names { encoder.argument(name) }
        }
        outgoing.append(contentsOf: request.bytes)
    }

    // MARK: The connection

    mutating func connected(_ steps: [HandshakeStep]) -> Directive {
        do {
            reader = try RESPReader()
        } catch {
            return .close(RedisError(.connectFailed, "no memory for a reader", underlying: error))
        }
        phase = .handshaking
        handshake = steps[...]
        awaitedPongs = 0
        return .none
    }

    /// Takes what the peer has sent.
    mutating func received(
        _ bytes: UnsafeRawBufferPointer, signal: (_ channel: String, SubscriptionSignal) -> Void
    ) -> Directive {
        guard phase == .handshaking || phase == .ready, reader != nil else { return .none }
        hasHeard = true
        do {
            var rest = bytes
            while !rest.isEmpty {
                let step = min(rest.count, RESPReader.maximumStep)
                try reader?.feed(UnsafeRawBufferPointer(rebasing: rest[..<step]))
                rest = UnsafeRawBufferPointer(rebasing: rest[step...])
                while try reader?.next() == true {
                    guard let replies = reader?.take() else { break }
                    if let failure = take(replies.reply, signal: signal) { return .close(failure) }
                }
            }
        } catch {
            return .close(RedisError(.protocolError, "the server's bytes are not the protocol", underlying: error))
        }
        return .none
    }

    private mutating func take(
        _ reply: RESPReply, signal: (_ channel: String, SubscriptionSignal) -> Void
    ) -> RedisError? {
        if let step = handshake.first {
            if let refusal = step.refusal(by: reply) { return refusal }
            handshake.removeFirst()
            if handshake.isEmpty { becomeReady() }
            return nil
        }
        guard reply.kind == .array, reply.count >= 2, let kind = reply[0].string else {
            if reply.kind == .error {
                // A user who may not run PING has heard of the server all the same.
                if awaitedPongs > 0, HandshakeStep.isDispensable(reply) {
                    awaitedPongs -= 1
                    return nil
                }
                wasRefused = true
                return RedisError(reply: reply)
            }
            if reply.equals("PONG") {
                awaitedPongs -= 1
                return nil
            }
            return RedisError(.protocolError, "no message and no answer to a subscription")
        }
        let name = reply[1].string ?? ""
        switch kind {
        case "message":
            if channels[name]?.isConfirmed == true { signal(name, .told) }
        case "subscribe", "unsubscribe":
            guard var channel = channels[name], channel.awaited > 0 else {
                return RedisError(.protocolError, "an answer to a subscription that nobody asked for")
            }
            channel.awaited -= 1
            if channel.awaited == 0, channel.isWanted {
                channel.isConfirmed = true
                signal(name, .told)
            }
            channels[name] = channel.awaited == 0 && !channel.isWanted ? nil : channel
        case "pong":
            awaitedPongs -= 1
        default:
            return RedisError(.protocolError, "a message of a kind that nobody asked for")
        }
        return nil
    }

    private mutating func becomeReady() {
        phase = .ready
        failedAttempts = 0
        let names = Array(channels.keys)
        for start in stride(from: 0, to: names.count, by: 512) {
            append("SUBSCRIBE", names[start..<min(start + 512, names.count)])
        }
        for name in names { channels[name]?.awaited = 1 }
    }

    /// The connection is over, or none could be had.
    mutating func lost(_ reason: RedisError, signal: (_ channel: String, SubscriptionSignal) -> Void) -> Directive {
        guard phase != .stopped, phase != .backingOff, phase != .idle else { return .none }
        reader = nil
        handshake = []
        outgoing = []
        for (name, channel) in channels {
            if channel.isWanted {
                channels[name]?.awaited = 0
                channels[name]?.isConfirmed = false
                signal(name, .untold)
            } else {
                channels[name] = nil
            }
        }
        phase = .backingOff
        let delay = wasRefused ? Self.refusalPause : backoff.delay(attempt: failedAttempts, using: &generator)
        wasRefused = false
        failedAttempts += 1
        return .reconnect(after: delay)
    }

    mutating func reconnect() -> Directive {
        guard phase == .backingOff else { return .none }
        guard !channels.isEmpty else {
            phase = .idle
            return .none
        }
        phase = .connecting
        return .connect
    }

    /// Asks for a sign of life; called in regular intervals. A peer that has sent none since the last time is given up.
    mutating func ping() -> Directive {
        guard phase == .ready else { return .none }
        guard hasHeard else { return .close(RedisError(.connectionClosed, "the server gives no sign of life")) }
        hasHeard = false
        awaitedPongs += 1
        append("PING", [])
        return .none
    }

    /// Nothing more is subscribed.
    mutating func stop(signal: (_ channel: String, SubscriptionSignal) -> Void) {
        for (name, channel) in channels where channel.isWanted { signal(name, .closed) }
        channels = [:]
        outgoing = []
        reader = nil
        phase = .stopped
    }
}
