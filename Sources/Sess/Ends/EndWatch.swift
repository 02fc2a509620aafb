import Modeler
import Synchronization

/// Says when to look whether a session is still there: when the store says so, and when an alarm goes off.
final class EndWatch: Sendable {
    private struct State {
        var isTold = false
        var alarm: Task<Void, Never>?
    }
    private let state = Mutex(State())
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// The times to look, the first of them at once. For one reader.
    var looks: AsyncStream<Void> {
        continuation.yield()
        return stream
    }

    /// Whether the store tells of removals.
    var isTold: Bool { state.withLock { $0.isTold } }

    func note(_ signal: EndSignal) {
        state.withLock { $0.isTold = signal == .told }
        continuation.yield()
    }

    /// Sets the alarm, in place of the one before.
    func look(after pause: Duration) {
        let alarm = Task { [continuation] in
            // Cancelled, it has nothing to say.
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            continuation.yield()
        }
        state.withLock { state in
            state.alarm?.cancel()
            state.alarm = alarm
        }
    }

    func stop() {
        state.withLock { $0.alarm?.cancel() }
        continuation.finish()
    }
}
