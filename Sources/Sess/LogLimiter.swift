import Logging
import Modeler

/// Bounds what is logged of things that happen again and again: one line a second at most for each message and reason.
/// A line tells how many of its kind were left out since the last. Thread-safe.
final class LogLimiter: Sendable {
    /// The lines of one kind.
    private struct Kind {
        var lastLine: ContinuousClock.Instant
        var omitted = 0
    }

    private let kinds = Guarded<[String: Kind]>([:])
    private static let interval: Duration = .seconds(1)
    private static let maximumKinds = 64

    func log(
        _ level: Logger.Level, _ message: Logger.Message, reason: String, metadata: Logger.Metadata = [:],
        to logger: Logger
    ) {
        guard logger.logLevel <= level, let omitted = admit("\(message): \(reason)", now: .now) else { return }
        var metadata = metadata
        if omitted > 0 { metadata["omitted"] = "\(omitted)" }
        logger.log(level: level, message, metadata: metadata)
    }

    /// Whether a line of a kind may be written now.
    ///
    /// - Returns: How many were left out since the last; `nil` where this one is left out too.
    func admit(_ kind: String, now: ContinuousClock.Instant) -> Int? {
        kinds.withLock { kinds in
            if let known = kinds[kind] {
                guard now - known.lastLine >= Self.interval else {
                    kinds[kind]?.omitted += 1
                    return nil
                }
                kinds[kind] = Kind(lastLine: now)
                return known.omitted
            }
            if kinds.count >= Self.maximumKinds {
                kinds = kinds.filter { now - $0.value.lastLine < Self.interval }
                guard kinds.count < Self.maximumKinds else { return nil }
            }
            kinds[kind] = Kind(lastLine: now)
            return 0
        }
    }
}
