import Logging
import NIOCore
import RESP

/// Carries out on one event loop what the subscription machine decides. Used on that loop only.
final class SubscriptionDriver {
    typealias Listener = @Sendable (SubscriptionSignal) -> Void

    private let eventLoop: any EventLoop
    private let configuration: RedisConfiguration
    private let handshake: Handshake
    private var machine = SubscriptionMachine()
    private var listeners: [String: [UInt64: Listener]] = [:]
    private var handler: SubscriptionHandler?
    private var connectTimer: Scheduled<Void>?
    private var reconnectTimer: Scheduled<Void>?
    private var pingTimer: Scheduled<Void>?
    /// Counts connection attempts, so that what a former one still has to say is known as such.
    private var attempt = 0

    init(eventLoop: any EventLoop, configuration: RedisConfiguration) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        handshake = Handshake(configuration)
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
        connectTimer?.cancel()
        reconnectTimer?.cancel()
        pingTimer?.cancel()
        handler?.close()
        handler = nil
        attempt += 1
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

    func lost(_ reason: RedisError) {
        connectTimer?.cancel()
        connectTimer = nil
        pingTimer?.cancel()
        pingTimer = nil
        handler?.close()
        handler = nil
        var signals: [(String, SubscriptionSignal)] = []
        let directive = machine.lost(reason) { signals.append(($0, $1)) }
        if case .none = directive { return }
        configuration.logger.debug("no connection for messages", metadata: ["error": "\(reason)"])
        perform(directive)
        for (channel, told) in signals { signal(channel, told) }
    }

    // MARK: Steps

    private func signal(_ channel: String, _ signal: SubscriptionSignal) {
        guard let listeners = listeners[channel] else { return }
        for listener in listeners.values { listener(signal) }
    }

    private func becameReady() {
        connectTimer?.cancel()
        connectTimer = nil
        schedulePing()
    }

    private func schedulePing() {
        pingTimer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.stallTimeout)) { [self] in
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
        attempt += 1
        let current = attempt
        connectTimer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.connectTimeout)) { [self] in
            lost(RedisError(.connectFailed, "no connection within the connect timeout"))
        }
        ConnectionBootstrap.connect(configuration, on: eventLoop, makeHandler: { SubscriptionHandler() }) {
            [self] result in
            // Given up meanwhile: the attempt's time was over, or the client is shut down.
            guard current == attempt, machine.phase == .connecting else {
                if case .success(let handler) = result { handler.close() }
                return
            }
            switch result {
            case .success(let handler): adopt(handler)
            case .failure(let error): lost(RedisError(.connectFailed, "no connection", underlying: error))
            }
        }
    }

    private func adopt(_ handler: SubscriptionHandler) {
        self.handler = handler
        handler.driver = self
        perform(machine.connected(handshake.steps))
        if machine.phase == .handshaking { handler.write(handshake.request.bytes) }
    }

    private func flush() {
        guard let handler, !machine.outgoing.isEmpty else { return }
        handler.write(machine.takeOutgoing())
    }
}
