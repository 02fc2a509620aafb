import Logging
import Metrics
import Modeler

/// Counts, logs and hands on what happens to sessions.
struct SessionReporter: Sendable {
    let metrics = SessionMetrics()
    private let logger: Logger
    private let limiter = LogLimiter()
    /// For lines that name one session. However many these are, they leave room for what concerns all.
    private let sessionLimiter = LogLimiter()
    private let onEvent: (@Sendable (SessionEvent) -> Void)?

    init(_ options: SessionOptions) {
        logger = options.logger
        onEvent = options.onEvent
    }

    func report(_ event: SessionEvent) {
        count(event)
        log(event)
        onEvent?(event)
    }

    /// Hands on an event, which is made only where somebody listens.
    func notify(_ event: () -> SessionEvent) {
        if let onEvent { onEvent(event()) }
    }

    /// Writes a line, unless one of the same kind was written within a second.
    ///
    /// - Parameter reason: What makes it of another kind than others with the same message.
    func log(
        _ level: Logger.Level, _ message: Logger.Message, reason: String = "", metadata: Logger.Metadata
    ) {
        limiter.log(level, message, reason: reason, metadata: metadata, to: logger)
    }

    private func log(_ message: Logger.Message, _ session: ModelID, field: String? = nil) {
        var metadata: Logger.Metadata = ["session": "\(session)"]
        if let field { metadata["field"] = "\(field)" }
        sessionLimiter.log(.warning, message, reason: "\(session) \(field ?? "")", metadata: metadata, to: logger)
    }

    private func count(_ event: SessionEvent) {
        switch event {
        case .conflict: metrics.conflicts.increment()
        case .goneWhileInUse: metrics.goneWhileInUse.increment()
        case .tokenReused: metrics.reused.increment()
        case .unreadableSession, .unreadableField: metrics.unreadable.increment()
        case .changesLost: metrics.changesLost.increment()
        case .changedTooLate: metrics.changedTooLate.increment()
        case .userIndexLost: metrics.userIndexLost.increment()
        case .storeUnavailable: metrics.storeUnavailable.increment()
        // Counted where they happen.
        case .created, .signedIn, .ended: break
        }
    }

    private func log(_ event: SessionEvent) {
        switch event {
        case .conflict(let session, let field, let policy):
            logger.debug(
                "two requests changed one field",
                metadata: ["session": "\(session)", "field": "\(field)", "policy": "\(policy)"])
        case .goneWhileInUse(let session):
            logger.debug("a session ended while in use", metadata: ["session": "\(session)"])
        case .tokenReused(let session):
            log("a token that had been replaced was used again", session)
        case .unreadableSession(let session):
            log("a stored session can't be read", session)
        case .unreadableField(let session, let field):
            log("a field is not of the type asked for", session, field: field)
        case .changesLost(let session, let fields, let reason):
            log(
                .warning, "changes of a session were not stored", reason: "\(reason)",
                metadata: [
                    "session": "\(session)", "fields": "\(fields.joined(separator: ", "))", "reason": "\(reason)",
                ])
        case .changedTooLate(let session, let fields):
            log(
                .error, "a session was changed after its response had left; call save() there",
                metadata: ["session": "\(session)", "fields": "\(fields.joined(separator: ", "))"])
        case .userIndexLost(let session):
            // One line a second: an eviction takes those of many users.
            log(
                .warning, "the store has lost its index of a user's sessions; revocations before may have missed some",
                metadata: ["session": "\(session)"])
        case .storeUnavailable(let reason):
            log(.error, "the session store can't serve", reason: reason, metadata: ["reason": "\(reason)"])
        case .created, .signedIn, .ended: break
        }
    }
}
