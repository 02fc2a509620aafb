import Synchronization

/// Holds the collection of a test, and the part of its log that was not looked at.
final class Slot: Sendable {
    private struct State {
        var collection: InterposedCollection?
        var seen = 0
    }
    private let state = Mutex(State())

    func set(_ collection: InterposedCollection) {
        state.withLock { $0.collection = collection }
    }

    func take() -> [InterposedCollection.Call] {
        state.withLock { state in
            let log = state.collection?.log ?? []
            defer { state.seen = log.count }
            return Array(log[state.seen...])
        }
    }
}
