import Modeler
import Synchronization

/// Who in this process waits for which session's end.
final class SessionWatchers: Sendable {
    typealias Stream = AsyncStream<SessionEnd>.Continuation

    private struct State {
        var streams: [ModelID: [Int: Stream]] = [:]
        var last = 0
    }
    private let state = Mutex(State())

    /// The number of streams that wait.
    var count: Int { state.withLock { $0.streams.values.reduce(0) { $0 + $1.count } } }

    func add(_ stream: Stream, to id: ModelID) -> Int {
        state.withLock { state in
            state.last += 1
            state.streams[id, default: [:]][state.last] = stream
            return state.last
        }
    }

    func remove(_ number: Int, from id: ModelID) {
        state.withLock { state in
            state.streams[id]?[number] = nil
            if state.streams[id]?.isEmpty == true { state.streams[id] = nil }
        }
    }

    /// Tells all who wait for a session's end.
    func end(_ id: ModelID, _ end: SessionEnd) {
        let streams = state.withLock { $0.streams.removeValue(forKey: id) }
        for stream in (streams ?? [:]).values {
            stream.yield(end)
            stream.finish()
        }
    }
}
