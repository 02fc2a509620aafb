import Synchronization

/// The keys removed lately, shared by a client and its router. Thread-safe.
final class RecentRemovals: Sendable {
    private let keys = Mutex(RemovedKeys())

    func withLock<Value>(_ body: (inout sending RemovedKeys) -> sending Value) -> Value { keys.withLock(body) }
}
