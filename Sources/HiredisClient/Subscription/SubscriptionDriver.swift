import Logging
import NIOCore
import RESP

/// Carries out on one event loop what the subscription machine decides. Used on that loop only.
final class SubscriptionDriver: ConnectionEvents {
    typealias Listener = @Sendable (SubscriptionSignal) -> Void

    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let handshake: Handshake
    private var machine = SubscriptionMachine()
    private var listeners: [String: [UInt64: Listener]] = [:]
    private let connector: Connector<SubscriptionDriver>
    private var handler: ConnectionHandler<SubscriptionDriver>?
    private var reconnectTimer: Scheduled<Void>?
    private let pingTimer: PatientTimer
    /// Why the server refused the last subscription, and the log was told so.
    private var loggedRefusal: String?

    init(
        eventLoop: any EventLoop, profile: ConnectionProfile, endpoint: @escaping @Sendable () -> RedisEndpoint?
    ) {
        self.eventLoop = eventLoop
        configuration = profile.configuration
        handshake = profile.handshake
        connector = Connector(profile, on: eventLoop, to: endpoint)
        pingTimer = PatientTimer(on: eventLoop)
    }

    func add(_ number: UInt64, to channel: String, _ listener: @escaping Listener) {
        guard let wanted = machine.want(channel) else {
            listener(.untold)
            return
        }
        listeners[channel, default: [:]][number] = listener
        if wanted.isTold { listener(.told) }
        perform(wanted.directive)
        flush()
    }

    func remove(_ number: UInt64, from channel: String) {
        guard listeners[channel]?.removeValue(forKey: number) != nil, listeners[channel]?.isEmpty == true else {
            return
        }
        listeners[channel] = nil
        machine.unwant(channel)
        flush()
    }

    func stop() {
        connector.giveUp()
        reconnectTimer?.cancel()
        pingTimer.cancel()
        handler?.close()
        handler = nil
        machine.stop(signal: signal)
        listeners = [:]
    }

    // MARK: Events of the channel

    func received(_ buffer: ByteBuffer) {
        let wasReady = machine.phase == .ready
        // A listener only hands the signal on, so none calls back into the machine.
        var signals: [(String, SubscriptionSignal)] = []
        let directive = buffer.withUnsafeReadableBytes { bytes in
            machine.received(bytes) { signals.append(($0, $1)) }
        }
        if !wasReady, machine.phase == .ready { becameReady() }
        perform(directive)
        flush()
        for (channel, told) in signals { signal(channel, told) }
    }

    /// Nothing waits for room: all that is ever to be written is bounded by the channels that are listened to.
    func writabilityChanged(_ isWritable: Bool) {}

    func lost(_ reason: RedisError) {
        connector.giveUp()
        pingTimer.cancel()
        handler?.close()
        handler = nil
        var signals: [(String, SubscriptionSignal)] = []
        let directive = machine.lost(reason) { signals.append(($0, $1)) }
        if case .none = directive { return }
        log(reason)
        perform(directive)
        for (channel, told) in signals { signal(channel, told) }
    }

    // MARK: Steps

    private func signal(_ channel: String, _ signal: SubscriptionSignal) {
        guard let listeners = listeners[channel] else { return }
        for listener in listeners.values { listener(signal) }
    }

    private func log(_ reason: RedisError) {
        var logger = configuration.logger
        logger[metadataKey: "redis_server"] = "\(configuration)"
        guard case .server(.noPermission) = reason.code, loggedRefusal != reason.message else {
            return logger.debug("no connection for messages", metadata: ["error": "\(reason)"])
        }
        loggedRefusal = reason.message
        LogLimiter.shared.log(
            .warning,
            """
            Redis refuses subscriptions, so ends elsewhere are only seen by asking; grant the user +subscribe, \
            +unsubscribe and the channels &PREFIX*, where PREFIX is what the keys begin with
            """,
            reason: "\(configuration) \(reason)", metadata: ["error": "\(reason)"], to: logger)
    }

    private func becameReady() {
        connector.settle()
        schedulePing()
    }

    private func schedulePing() {
        pingTimer.schedule(in: TimeAmount(configuration.stallTimeout)) { [self] in
            perform(machine.ping())
            guard machine.phase == .ready else { return }
            flush()
            schedulePing()
        }
    }

    private func perform(_ directive: SubscriptionMachine.Directive) {
        switch directive {
        case .none: break
        case .connect: connect()
        case .close(let reason): lost(reason)
        case .reconnect(let delay):
            reconnectTimer = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(delay))) { [self] in
                reconnectTimer = nil
                perform(machine.reconnect())
            }
        }
    }

    private func connect() {
        connector.connect(adopt: { [self] in adopt($0) }, lost: { [self] in lost($0) })
    }

    private func adopt(_ handler: ConnectionHandler<SubscriptionDriver>) {
        self.handler = handler
        handler.driver = self
        perform(machine.connected(handshake.steps))
        if machine.phase == .handshaking { handler.write(ByteBuffer(bytes: handshake.request.bytes)) }
    }

    private func flush() {
        guard let handler, !machine.outgoing.isEmpty else { return }
        handler.write(ByteBuffer(bytes: machine.takeOutgoing()))
    }
}
