import NIOCore
package import RESP

extension RedisClient {
    /// Sends a request that only reads, and returns its replies, errors of the server among them. With
    /// ``RedisConfiguration/fencedReads`` from a server that takes writes.
    package func read(
        _ request: RESPRequest, lane: RequestLane = .interactive
    ) async throws(RedisError) -> RESPReplies {
        try await exchangeRead(request, timeout: nil, lane: lane).get()
    }

    /// Inlined, so that a read that isn't fenced costs its caller one asynchronous frame.
    @inline(__always)
    func exchangeRead(
        _ request: RESPRequest, timeout: Duration?, lane: RequestLane
    ) async -> Result<RESPReplies, RedisError> {
        guard fencesReads else { return await exchange(request, timeout: timeout, retry: .always, lane: lane) }
        return await fencedRead(request, timeout: timeout, lane: lane)
    }

    private func fencedRead(
        _ request: RESPRequest, timeout: Duration?, lane: RequestLane
    ) async -> Result<RESPReplies, RedisError> {
        let sent = NIODeadline.now().uptimeNanoseconds
        if let node = try? router.node(for: request), !node.fence.isOver(now: sent) {
            return await exchange(request, timeout: timeout, retry: .always, lane: lane)
        }
        // Behind what is read, so that a redirection concerns that, and so that it was a master's still.
        let fenced = RESPRequest.joined([request, ReadFence.request])
        let result = await exchange(fenced, timeout: timeout, retry: .always, lane: lane)
        guard case .success(let replies) = result else { return result }
        let answer = replies[replies.count - 1]
        if answer.kind == .error { return .failure(Self.refusal(of: answer)) }
        let node = router.nodes.first { $0.allLinks.contains { $0.delivered(origin: replies.origin) } }
        node?.fence.shown(sent: sent)
        return .success(replies.droppingLast())
    }

    private static func refusal(of answer: RESPReply) -> RedisError {
        let error = RedisError(reply: answer)
        guard error.code == .server(.other) else { return error }
        return RedisError(
            error.code, "fencedReads needs Redis 7 or Valkey, whose scripts have flags: \(error.message)",
            underlying: error)
    }
}
