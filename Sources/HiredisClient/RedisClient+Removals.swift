import NIOCore
package import RESP

extension RedisClient {
    /// Keeps in mind that a key was removed for good: should another server become the master within a minute, the key
    /// is removed there too before anybody is served from it.
    ///
    /// - Parameter replies: The answer to the removal. Where it came from a server that no longer is the master, the
    ///   key is removed from the present one before this returns.
    package func keepRemoved(_ key: String, answeredBy replies: RESPReplies) async {
        guard onlyNode == nil else { return }
        removedKeys.withLock { $0.insert(key, now: NIODeadline.now().uptimeNanoseconds) }
        guard !router.isCurrent(origin: replies.origin) else { return }
        // Should it fail, the key is still among those that every new master is told.
        _ = try? await send(.command("DEL", key: key), retry: .always)
    }

    /// A key was made anew, so that it may stay.
    package func forgetRemoved(_ key: String) {
        guard onlyNode == nil else { return }
        removedKeys.withLock { $0.forget(key) }
    }
}
