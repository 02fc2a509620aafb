import Logging
import Metrics
import Synchronization

/// What the outside learns of a connection: its health, its log lines at transitions, its metrics. Thread-safe.
final class ConnectionObserver: Sendable {
    private struct State {
        var lastError: RedisError?
        var failuresInRow = 0
    }

    private let state = Mutex(State())
    private let connection = Atomic(false)
    private let logger: Logger
    private let connects = Counter(label: "redis_client_connects")
    private let losses = Counter(label: "redis_client_connections_lost")
    private let failures = Counter(label: "redis_client_connect_failures")
    private let poisonings = Counter(label: "redis_client_connections_poisoned")
    private let overloads = Counter(label: "redis_client_overloaded")

    init(configuration: RedisConfiguration, index: Int) {
        var logger = configuration.logger
        logger[metadataKey: "redis_connection"] = "\(index)"
        logger[metadataKey: "redis_server"] = "\(configuration)"
        self.logger = logger
    }

    var isConnected: Bool { connection.load(ordering: .relaxed) }

    var lastError: RedisError? { state.withLock { $0.lastError } }

    func connected() {
        connection.store(true, ordering: .relaxed)
        state.withLock { $0.failuresInRow = 0 }
        connects.increment()
        logger.info("connected to Redis")
    }

    func lost(_ reason: RedisError, wasConnected: Bool) {
        connection.store(false, ordering: .relaxed)
        let row = state.withLock { state in
            state.lastError = reason
            if !wasConnected { state.failuresInRow += 1 }
            return state.failuresInRow
        }
        if reason.code == .shutDown {
            logger.debug("connection to Redis closed")
        } else if wasConnected {
            losses.increment()
            logger.warning("connection to Redis lost", metadata: ["error": "\(reason)"])
        } else {
            failures.increment()
            // Only the first of a row is news.
            logger.log(level: row == 1 ? .warning : .debug, "can't connect to Redis", metadata: ["error": "\(reason)"])
        }
    }

    func poisoned() { poisonings.increment() }

    func overloaded() { overloads.increment() }
}
