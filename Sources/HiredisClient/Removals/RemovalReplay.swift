import NIOCore
import RESP

/// Removes keys from a server that is about to be their master, or has just become it.
struct RemovalReplay: Sendable {
    private let removed: RecentRemovals
    private static let batch = 256

    init(_ removed: RecentRemovals) { self.removed = removed }

    /// Removes what was removed after the removal of this number.
    ///
    /// - Returns: The number of the latest removal that the server knows of; `nil` if it couldn't be told.
    func run(on node: RedisNode, after number: UInt64, timeout: UInt64) async -> UInt64? {
        let (keys, latest) = removed.withLock {
            ($0.keys(after: number, now: NIODeadline.now().uptimeNanoseconds), $0.latest)
        }
        return await remove(keys, from: node, timeout: timeout) ? latest : nil
    }

    /// Removes keys.
    ///
    /// - Returns: Whether the server has said of all that they are gone.
    func remove(_ keys: [String], from node: RedisNode, timeout: UInt64) async -> Bool {
        let link = node.links[0]
        for start in stride(from: 0, to: keys.count, by: Self.batch) {
            let part = keys[start..<min(start + Self.batch, keys.count)]
            let request = RESPRequest.build(capacity: part.count * 96) { encoder in
                for key in part {
                    encoder.command("DEL", argumentCount: 2)
                    encoder.argument(key)
                }
            }
            guard case .success(let replies) = await link.perform(request, timeout: timeout, retry: .always),
                !replies.containsError
            else { return false }
        }
        return true
    }

    /// What was removed lately.
    var keys: [String] { removed.withLock { $0.keys(after: 0, now: NIODeadline.now().uptimeNanoseconds) } }
}
