import Synchronization

/// The tasks of this process that wait for signals of models' ends: what a store needs to be an
/// ``EndSignalCollection``.
///
/// While nobody waits, an end costs whoever tells it one load. A waiter looks at the store after it is entered here, so
/// an end before that is seen by its look, and one after is told: where whoever ends the model tells it after the store
/// shows it, none is missed.
public final class EndListeners<Key: Hashable & Sendable>: Sendable {
    private typealias Stream = AsyncStream<EndSignal>.Continuation

    private struct State {
        var streams: [Key: [Int: Stream]] = [:]
        var last = 0
        var isFinished = false
    }
    private let state = Guarded(State())
    private let keyCount = Atomic(0)

    /// Makes an empty one.
    public init() {}

    /// Whether no task waits.
    public var isEmpty: Bool { keyCount.load(ordering: .acquiring) == 0 }

    /// The keys that tasks wait for.
    public var keys: [Key] { state.withLock { Array($0.streams.keys) } }

    /// Returns the signals of a key, the first of them at once.
    public func signals(of key: Key) -> AsyncStream<EndSignal> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { stream in
            guard let number = add(stream, to: key) else {
                stream.yield(.untold)
                stream.finish()
                return
            }
            stream.onTermination = { [weak self] _ in self?.remove(number, from: key) }
            stream.yield(.told)
        }
    }

    /// Gives a signal to all that wait for a key.
    public func tell(_ key: Key, _ signal: EndSignal = .told) {
        guard !isEmpty else { return }
        guard let streams = state.withLock({ $0.streams[key] }) else { return }
        for stream in streams.values { stream.yield(signal) }
    }

    /// Gives a signal to all that wait.
    public func tellAll(_ signal: EndSignal) {
        for stream in state.withLock({ $0.streams.values.flatMap(\.values) }) { stream.yield(signal) }
    }

    /// Ends all streams, and those that are asked for later.
    public func finish() {
        let streams = state.withLock { state in
            state.isFinished = true
            defer { state.streams = [:] }
            return state.streams.values.flatMap(\.values)
        }
        keyCount.store(0, ordering: .releasing)
        for stream in streams {
            stream.yield(.untold)
            stream.finish()
        }
    }

    /// Enters a stream, unless nothing more will be told.
    private func add(_ stream: Stream, to key: Key) -> Int? {
        state.withLock { state in
            guard !state.isFinished else { return nil }
            state.last += 1
            state.streams[key, default: [:]][state.last] = stream
            keyCount.store(state.streams.count, ordering: .releasing)
            return state.last
        }
    }

    private func remove(_ number: Int, from key: Key) {
        state.withLock { state in
            guard state.streams[key]?.removeValue(forKey: number) != nil else { return }
            if state.streams[key]?.isEmpty == true { state.streams[key] = nil }
            keyCount.store(state.streams.count, ordering: .releasing)
        }
    }
}
