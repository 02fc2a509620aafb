import Synchronization

/// The ids of sessions that ended here within the last minute.
final class EndedSessions: Sendable {
    private let ends = Mutex<[String: ContinuousClock.Instant]>([:])
    private static let memory = Duration.seconds(60)
    private static let most = 100_000

    func insert(_ id: String) {
        let now = ContinuousClock.now
        ends.withLock { ends in
            if ends.count >= Self.most { ends = ends.filter { now - $0.value < Self.memory } }
            // Beyond the bound the oldest would have to be found; one is as good as another.
            if ends.count >= Self.most, let any = ends.keys.first { ends[any] = nil }
            ends[id] = now
        }
    }

    func contains(_ id: String) -> Bool {
        let now = ContinuousClock.now
        return ends.withLock { ends in
            guard let end = ends[id] else { return false }
            if now - end < Self.memory { return true }
            ends[id] = nil
            return false
        }
    }
}
