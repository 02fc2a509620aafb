import Synchronization

/// The writes of the last minute that are repeated on a new master, shared by a client and its router. Thread-safe.
final class RecentWrites: Sendable {
    private let writes = Mutex(RepeatedWrites())

    func withLock<Value>(_ body: (inout sending RepeatedWrites) -> sending Value) -> Value { writes.withLock(body) }
}
