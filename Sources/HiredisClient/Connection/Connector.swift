import NIOCore

/// Makes connections for a driver, one at a time, each within the connect timeout. Used on its event loop only.
final class Connector<Driver: ConnectionEvents> {
    typealias Handler = ConnectionHandler<Driver>

    /// How far an attempt has come, for the message when its time is over.
    private enum Stage {
        case connecting, securing, signingIn

        var explanation: String {
            switch self {
            case .connecting: "no connection within the connect timeout"
            case .securing: "no TLS answer within the connect timeout; is the server's port one for plain connections?"
            case .signingIn: "no answer to the handshake within the connect timeout"
            }
        }
    }

    private let eventLoop: any EventLoop
    private let profile: ConnectionProfile
    /// Where the server is by now, if that is known.
    private let endpoint: () -> RedisEndpoint?
    private let timer: PatientTimer
    private var isTimed = false
    private var stage = Stage.connecting
    /// The connection that is being made, while it isn't the driver's.
    private var channel: (any Channel)?
    private var isConnecting = false
    /// Counts connection attempts, so that what a former one still has to say is known as such.
    private(set) var attempt: UInt64 = 0

    init(_ profile: ConnectionProfile, on eventLoop: any EventLoop, to endpoint: @escaping () -> RedisEndpoint?) {
        self.profile = profile
        self.eventLoop = eventLoop
        self.endpoint = endpoint
        timer = PatientTimer(on: eventLoop)
    }

    /// Begins an attempt, which ends with a call of `adopt` or `lost`. Whoever adopts says ``settle()`` once the
    /// connection is ready for use; until then `lost` may still follow, as the time limit is for the handshake too.
    /// Nothing is called after ``giveUp()``.
    func connect(adopt: @escaping (Handler) -> Void, lost: @escaping (RedisError) -> Void) {
        attempt += 1
        isConnecting = true
        stage = .connecting
        let current = attempt
        isTimed = true
        timer.schedule(in: TimeAmount(profile.configuration.connectTimeout)) { [self] in
            lost(RedisError(.connectFailed, stage.explanation))
        }
        guard let endpoint = endpoint() else {
            // Later, as the caller expects of every attempt.
            eventLoop.assumeIsolated().execute { [self] in
                if current == attempt, isConnecting { lost(RedisError(.connectFailed, "no server is known")) }
            }
            return
        }
        let isSecured = profile.security != nil
        let connected: (any Channel) -> Void = { [self] channel in
            guard current == attempt, isConnecting else { return channel.close(promise: nil) }
            self.channel = channel
            if isSecured { stage = .securing }
        }
        ConnectionBootstrap.connect(
            to: endpoint, profile, on: eventLoop, makeHandler: { Handler(isSecured: isSecured) }, connected: connected
        ) { [self] result in
            guard current == attempt, isConnecting else {
                if case .success(let handler) = result { handler.close() }
                return
            }
            isConnecting = false
            channel = nil
            stage = .signingIn
            switch result {
            case .success(let handler): adopt(handler)
            case .failure(let error): lost(Self.failure(error))
            }
        }
    }

    /// The connection is ready for use: its time limit is over.
    func settle() { timer.cancel() }

    /// The connection, or the attempt at it, is over.
    func giveUp() {
        // Whatever failed before a command was answered may be the fault of files that were replaced since.
        if isTimed { profile.security?.doubt() }
        settle()
        isConnecting = false
        channel?.close(promise: nil)
        channel = nil
    }

    private static func failure(_ error: any Error) -> RedisError {
        error as? RedisError ?? RedisError(.connectFailed, "no connection", underlying: error)
    }
}
