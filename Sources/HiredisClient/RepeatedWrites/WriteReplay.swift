import NIOCore
import RESP

/// Repeats writes on a server that is about to be the master of their keys, or has just become it.
struct WriteReplay: Sendable {
    private let recent: RecentWrites
    private static let batch = 256

    init(_ recent: RecentWrites) { self.recent = recent }

    /// Repeats what came after the write of this number.
    ///
    /// - Returns: The number of the latest write that the server knows of; `nil` if it couldn't be told.
    func run(on node: RedisNode, after number: UInt64, timeout: UInt64) async -> UInt64? {
        let (writes, latest) = recent.withLock {
            ($0.writes(after: number, now: NIODeadline.now().uptimeNanoseconds), $0.latest)
        }
        return await send(writes, to: node, timeout: timeout) ? latest : nil
    }

    /// Repeats writes.
    ///
    /// - Returns: Whether the server has executed all of them. One that it can't ever, as its key is of another type,
    ///   counts as executed: it must not keep the server from being used.
    func send(_ writes: [RepeatedWrite], to node: RedisNode, timeout: UInt64) async -> Bool {
        let link = node.links[0]
        for start in stride(from: 0, to: writes.count, by: Self.batch) {
            let part = writes[start..<min(start + Self.batch, writes.count)]
            var sent: Set<String> = []
            let request = RESPRequest.build(capacity: part.reduce(1_024) { $0 + $1.byteCount }) { encoder in
                for write in part { write.encode(&encoder, sent: &sent) }
            }
            guard case .success(let replies) = await link.perform(request, timeout: timeout, retry: .always),
                !Self.refusesToExecute(replies)
            else { return false }
        }
        return true
    }

    /// Whether a server that is in another state, or another server, would have executed what this one has refused.
    static func refusesToExecute(_ replies: RESPReplies) -> Bool {
        guard replies.containsError else { return false }
        return replies.contains { reply in
            guard reply.kind == .error else { return false }
            let code = RedisError(reply: reply).code
            return code.isKnownNotExecuted && code != .server(.outOfMemory)
        }
    }

    /// What was written lately.
    var writes: [RepeatedWrite] {
        recent.withLock { $0.writes(after: 0, now: NIODeadline.now().uptimeNanoseconds) }
    }
}
