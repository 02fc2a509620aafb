package import RESP

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
        retry: RetryPolicy = .ifNotSent
    ) async throws(RedisError) -> RESPReplies {
        let replies = try await exchange(request, timeout: timeout, retry: retry).get()
        if let error = replies.firstError { throw RedisError(reply: error) }
        return replies
    }

    /// As ``send(_:timeout:retry:)``, but errors that the server answers are returned among the replies.
    package func sendForReplies(
        _ request: RESPRequest,
        timeout: Duration? = nil,
        retry: RetryPolicy = .ifNotSent
    ) async throws(RedisError) -> RESPReplies {
        try await exchange(request, timeout: timeout, retry: retry).get()
    }

    /// Inlined, so that a command costs its caller one asynchronous frame.
    @inline(__always)
    private func exchange(
        _ request: RESPRequest, timeout: Duration?, retry: RetryPolicy
    ) async -> Result<RESPReplies, RedisError> {
        if Task.isCancelled {
            return .failure(RedisError(.cancelledNotSent, "cancelled before the command was sent"))
        }
        let link = link()
        let id = link.nextID()
        let nanoseconds = timeout?.unsignedNanoseconds ?? defaultTimeout
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                link.submit(
                    PendingCommand(
                        id: id,
                        request: request,
                        retry: retry,
                        timeout: nanoseconds,
                        waiter: CommandWaiter(continuation: continuation)
                    )
                )
                // A handler that ran before the command was submitted found nothing to cancel.
                if Task.isCancelled { link.cancel(id) }
            }
        } onCancel: {
            link.cancel(id)
        }
    }

    /// Reports that replies belong to another command: the connection that delivered them is closed, and all
    /// that wait on it learn that their outcome is unknown.
    package func poison(_ replies: RESPReplies) {
        let index = RedisLink.index(origin: replies.origin)
        guard links.indices.contains(index) else { return }
        links[index].poison(
            origin: replies.origin,
            RedisError(.protocolError, "a reply belongs to another command")
        )
    }
}
