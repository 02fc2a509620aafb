import NIOCore
package import RESP
import Synchronization

extension RedisClient {
    /// Sends a request and returns its replies, one per command.
    ///
    /// Returns at once when the task is cancelled or the time is over; the reply is then dropped when it comes.
    ///
    /// - Parameter timeout: How long it may take in all, a wait for a connection included. `nil` is the
    ///   configuration's.
    /// - Throws: ``RedisError``. The first error that the server answered to one of the commands, too.
    package func send(
        _ request: RESPRequest,
        timeout: Duration? = nil,
        retry: RetryPolicy = .ifNotSent,
        lane: RequestLane = .interactive
    ) async throws(RedisError) -> RESPReplies {
        let replies = try await exchange(request, timeout: timeout, retry: retry, lane: lane).get()
        if let error = replies.firstError { throw RedisError(reply: error) }
        return replies
    }

    /// As ``send(_:timeout:retry:lane:)``, but errors that the server answers are returned among the replies.
    package func sendForReplies(
        _ request: RESPRequest,
        timeout: Duration? = nil,
        retry: RetryPolicy = .ifNotSent,
        lane: RequestLane = .interactive
    ) async throws(RedisError) -> RESPReplies {
        try await exchange(request, timeout: timeout, retry: retry, lane: lane).get()
    }

    /// Inlined, so that a command costs its caller one asynchronous frame.
    @inline(__always)
    func exchange(
        _ request: RESPRequest, timeout: Duration?, retry: RetryPolicy, lane: RequestLane
    ) async -> Result<RESPReplies, RedisError> {
        if Task.isCancelled {
            return .failure(RedisError(.cancelledNotSent, "cancelled before the command was sent"))
        }
        let nanoseconds = timeout?.unsignedNanoseconds ?? defaultTimeout
        guard let onlyNode else { return await followed(request, timeout: nanoseconds, retry: retry, lane: lane) }
        return await onlyNode.perform(request, timeout: nanoseconds, retry: retry, lane: lane)
    }

    /// Reports that replies belong to another command: the connection that delivered them is closed, and all
    /// that wait on it learn that their outcome is unknown.
    package func poison(_ replies: RESPReplies) {
        let origin = replies.origin
        for node in router.nodes {
            guard let link = node.allLinks.first(where: { $0.delivered(origin: origin) }) else { continue }
            return link.poison(origin: origin, RedisError(.protocolError, "a reply belongs to another command"))
        }
    }
}

// MARK: Servers that change

extension RedisClient {
    /// Sends a request to the server that the router names, and again where the router says so, within one timeout.
    private func followed(
        _ request: RESPRequest, timeout: UInt64, retry: RetryPolicy, lane: RequestLane
    ) async -> Result<RESPReplies, RedisError> {
        let end = NIODeadline.now() + .nanoseconds(Int64(clamping: timeout))
        var (attempts, hops) = (0, 0)
        var redirection: (node: RedisNode, asking: Bool)?
        while true {
            let rest = (end - .now()).nanoseconds
            let target: (node: RedisNode, asking: Bool)?
            let result: Result<RESPReplies, RedisError>
            do throws(RedisError) {
                let chosen: (node: RedisNode, asking: Bool)
                if let redirection { chosen = redirection } else { chosen = (try router.node(for: request), false) }
                target = chosen
                let sent = chosen.asking ? request.asking() : request
                let answer = await chosen.node.perform(
                    sent, timeout: UInt64(max(rest, 1)), retry: retry, lane: lane)
                result = chosen.asking ? answer.map { $0.droppingFirst() } : answer
            } catch {
                target = nil
                result = .failure(error)
            }
            attempts += 1
            guard
                let refusal = refusal(
                    result, of: request, by: target?.node, mayRepeat: retry == .always, attempts: attempts, hops: hops)
            else { return result }
            redirection = nil
            switch router.consider(refusal) {
            case .fail: return final(result, refusal)
            case .redirect(let node, let asking):
                redirection = (node, asking)
                hops += 1
            case .again(let pause):
                guard (end - .now()).nanoseconds > Int64(clamping: pause), await wait(pause) else {
                    return final(result, refusal)
                }
            }
            if Task.isCancelled || end <= .now() { return final(result, refusal) }
        }
    }

    /// What the caller gets: not where a node has sent it, when nothing is to be had there.
    private func final(
        _ result: Result<RESPReplies, RedisError>, _ refusal: Refusal
    ) -> Result<RESPReplies, RedisError> {
        let kind = refusal.error.code.serverErrorKind
        guard kind == .moved || kind == .ask, cluster != nil, refusal.request.keyCount <= 1 else { return result }
        return .failure(RedisError(.notSent, "no node of the cluster takes the command", underlying: refusal.error))
    }

    /// Waits for a server that takes a request.
    ///
    /// - Returns: Whether the request is to be tried again: not if its task is cancelled or too many wait already.
    private func wait(_ nanoseconds: UInt64) async -> Bool {
        defer { paused.wrappingSubtract(1, ordering: .relaxed) }
        guard paused.wrappingAdd(1, ordering: .relaxed).newValue <= configuration.maximumWaiting else { return false }
        return (try? await Task.sleep(nanoseconds: nanoseconds)) != nil
    }

    private func refusal(
        _ result: Result<RESPReplies, RedisError>, of request: RESPRequest, by node: RedisNode?, mayRepeat: Bool,
        attempts: Int, hops: Int
    ) -> Refusal? {
        let error: RedisError
        var reply: RESPReply?
        switch result {
        case .failure(let failure):
            error = failure
        case .success(let replies):
            guard replies.containsError, let first = replies.firstError else { return nil }
            error = RedisError(reply: first)
            reply = first
        }
        return Refusal(
            error: error, reply: reply, request: request, node: node, mayRepeat: mayRepeat, attempts: attempts,
            hops: hops)
    }
}
