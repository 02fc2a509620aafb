import Logging
import Metrics
import Synchronization

/// What the outside learns of a connection: its health, its log lines at transitions, its metrics. Thread-safe.
final class ConnectionObserver: Sendable {
    private struct State {
        var lastError: RedisError?
        /// The reasons that were logged since there was a connection.
        var loggedReasons: Set<String> = []
    }

    private let state = Mutex(State())
    private let connection = Atomic(false)
    private let silence = Atomic(false)
    private let logger: Logger
    private let server: String
    private let connects = Counter(label: "redis_client_connects")
    private let losses = Counter(label: "redis_client_connections_lost")
    private let failures = Counter(label: "redis_client_connect_failures")
    private let poisonings = Counter(label: "redis_client_connections_poisoned")
    private let overloads = Counter(label: "redis_client_overloaded")

    init(configuration: RedisConfiguration, endpoint: RedisEndpoint, number: UInt64) {
        var logger = configuration.logger
        logger[metadataKey: "redis_connection"] = "\(number)"
        server = configuration.description(of: endpoint.address)
        logger[metadataKey: "redis_server"] = "\(server)"
        self.logger = logger
    }

    var isConnected: Bool { connection.load(ordering: .relaxed) }

    /// Whether replies are overdue, as of the last look.
    var isSilent: Bool { silence.load(ordering: .relaxed) }

    func isSilent(_ isSilent: Bool) { silence.store(isSilent, ordering: .relaxed) }

    var lastError: RedisError? { state.withLock { $0.lastError } }

    func connected() {
        connection.store(true, ordering: .relaxed)
        state.withLock { $0.loggedReasons = [] }
        connects.increment()
        LogLimiter.shared.log(.info, "connected to Redis", reason: server, to: logger)
    }

    func lost(_ reason: RedisError, wasConnected: Bool) {
        connection.store(false, ordering: .relaxed)
        silence.store(false, ordering: .relaxed)
        let text = "\(reason)"
        let isNews = state.withLock { state in
            state.lastError = reason
            guard !wasConnected, state.loggedReasons.count < 16 else { return false }
            return state.loggedReasons.insert(text).inserted
        }
        if reason.code == .shutDown {
            logger.debug("connection to Redis closed")
        } else if wasConnected {
            losses.increment()
            LogLimiter.shared.log(
                .warning, "connection to Redis lost", reason: "\(server) \(text)", metadata: ["error": "\(text)"],
                to: logger)
        } else {
            failures.increment()
            LogLimiter.shared.log(
                isNews ? .warning : .debug, "can't connect to Redis", reason: "\(server) \(text)",
                metadata: ["error": "\(text)"], to: logger)
        }
    }

    func poisoned() { poisonings.increment() }

    func overloaded() { overloads.increment() }
}
