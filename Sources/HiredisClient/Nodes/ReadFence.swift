import RESP
import Synchronization

/// When a server has last shown that it takes writes. Thread-safe.
final class ReadFence: Sendable {
    /// How long that holds.
    static let life: UInt64 = 1_000_000_000

    private let shownAt = Atomic<UInt64>(0)

    func isOver(now: UInt64) -> Bool {
        let shownAt = shownAt.load(ordering: .relaxed)
        return shownAt == 0 || now > shownAt &+ Self.life
    }

    /// - Parameter sent: When the server was asked, in nanoseconds on a monotonic clock.
    func shown(sent: UInt64) { shownAt.store(max(sent, 1), ordering: .relaxed) }

    /// A script that may write, and does nothing: refused by a replica, and by a master that has too few of them. A
    /// server older than Redis 7 doesn't know the flag and refuses the script itself.
    static let request = RESPRequest.build(capacity: 96) { encoder in
        encoder.command("EVAL", argumentCount: 3)
        encoder.argument("#!lua flags=allow-oom\nreturn 1")
        encoder.argument(0)
    }
}
