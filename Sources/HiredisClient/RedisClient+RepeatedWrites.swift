import NIOCore
package import RESP

extension RedisClient {
    /// Whether another server may become the master, so that writes have to be kept in mind.
    package var keepsWrites: Bool { onlyNode == nil }

    /// Keeps a write in mind that was made: should another server become the master within a minute, it is repeated
    /// there before anybody is served.
    ///
    /// - Parameter replies: The answer to the write. Where it came from a server that no longer is the master, the
    ///   write is repeated on the present one before this returns.
    package func keep(_ write: RepeatedWrite, answeredBy replies: RESPReplies) async {
        guard keepsWrites else { return }
        recentWrites.withLock { $0.insert(write, now: NIODeadline.now().uptimeNanoseconds) }
        guard !router.isCurrent(origin: replies.origin) else { return }
        // Should it fail, the write is still among those that every new master is told.
        _ = try? await send(write.request, retry: .always)
    }

    /// A key was made anew, so that it may stay.
    package func forgetWrites(on key: String) {
        pendingWrites.forget(key)
        guard keepsWrites else { return }
        recentWrites.withLock { $0.forget(key) }
    }
}

// MARK: Writes that no server takes

extension RedisClient {
    /// Whether there are writes that no server has taken yet. Costs next to nothing.
    package var hasPendingWrites: Bool { !pendingWrites.isEmpty }

    /// Whether there is a write on a key that no server has taken yet.
    package func isWritePending(on key: String) -> Bool {
        pendingWrites.contains(key, now: NIODeadline.now().uptimeNanoseconds)
    }

    /// Tries a write in the background, again and again, until a server takes it or a minute is over.
    package func insist(on write: RepeatedWrite) {
        let now = NIODeadline.now().uptimeNanoseconds
        if keepsWrites { recentWrites.withLock { $0.insert(write, now: now) } }
        guard pendingWrites.insert(write, now: now) else { return }
        Task { [weak self] in
            while await self?.tryPendingWrites() == true { try? await Task.sleep(for: Self.pauseOfPending) }
        }
    }

    private static var pauseOfPending: Duration { .milliseconds(200) }

    /// - Returns: Whether there is something left to try.
    private func tryPendingWrites() async -> Bool {
        for write in pendingWrites.next(now: NIODeadline.now().uptimeNanoseconds) {
            let result = await exchange(
                write.request, timeout: .seconds(1), retry: .always, lane: .interactive)
            switch result {
            case .success(let replies) where !WriteReplay.refusesToExecute(replies):
                pendingWrites.forget(write.key)
            case .failure(let error) where error.code == .shutDown:
                pendingWrites.giveUp()
                return false
            // The others would be refused too.
            default: return true
            }
        }
        return !pendingWrites.next(now: NIODeadline.now().uptimeNanoseconds).isEmpty
    }
}
