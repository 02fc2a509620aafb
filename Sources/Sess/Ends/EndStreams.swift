import Modeler
import Synchronization

/// The open streams of sessions' ends in this process, by session.
final class EndStreams: Sendable {
    typealias Stream = AsyncStream<SessionEnd>.Continuation

    private struct State {
        var streams: [ModelID: [Int: Stream]] = [:]
        /// How the sessions end that are being removed here.
        var expected: [ModelID: SessionEnd] = [:]
        var last = 0
        var isFinished = false
    }
    private let state = Mutex(State())

    /// The number of streams that wait.
    var count: Int { state.withLock { $0.streams.values.reduce(0) { $0 + $1.count } } }

    /// Adds a stream; `nil` where all are finished, and it is too.
    func add(_ stream: Stream, to id: ModelID) -> Int? {
        let number: Int? = state.withLock { state in
            if state.isFinished { return nil }
            state.last += 1
            state.streams[id, default: [:]][state.last] = stream
            return state.last
        }
        if number == nil { stream.finish() }
        return number
    }

    /// Finishes all streams, and those that are added later.
    func finish() {
        let streams = state.withLock { state in
            state.isFinished = true
            state.expected = [:]
            defer { state.streams = [:] }
            return state.streams.values.flatMap(\.values)
        }
        for stream in streams { stream.finish() }
    }

    func remove(_ number: Int, from id: ModelID) {
        state.withLock { state in
            state.streams[id]?[number] = nil
            guard state.streams[id]?.isEmpty == true else { return }
            state.streams[id] = nil
            state.expected[id] = nil
        }
    }

    /// Records how to report a session's end once its removal is seen; `nil` withdraws it.
    func announce(_ id: ModelID, _ end: SessionEnd?) {
        state.withLock { state in
            if state.streams[id] != nil { state.expected[id] = end }
        }
    }

    /// Tells all who wait for a session's end.
    func end(_ id: ModelID, _ end: SessionEnd) {
        let (streams, end) = state.withLock { state in
            (state.streams.removeValue(forKey: id), state.expected.removeValue(forKey: id) ?? end)
        }
        for stream in (streams ?? [:]).values {
            stream.yield(end)
            stream.finish()
        }
    }
}
