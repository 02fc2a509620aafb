import NIOCore
package import RESP

extension RedisClient {
    /// Runs a script by its name; sends its source once if the server doesn't know it.
    ///
    /// - Parameters:
    ///   - keys: The keys that the script touches, KEYS in Lua. In a Redis Cluster all are of one slot.
    ///   - argumentCount: How many arguments `arguments` writes, ARGV in Lua.
    ///   - capacity: An estimate of the bytes of keys and arguments.
    ///   - arguments: Writes the arguments. Called once more if the source is sent.
    ///   - retry: `.always` only for a script that may run twice.
    /// - Throws: ``RedisError``; a script's own error as `.server(.other)`.
    package func evaluate(
        _ script: RedisScript,
        keys: [String],
        argumentCount: Int = 0,
        capacity: Int = 256,
        timeout: Duration? = nil,
        retry: RetryPolicy = .ifNotSent,
        lane: RequestLane = .interactive,
        arguments: (inout RESPEncoder) -> Void = { _ in }
    ) async throws(RedisError) -> RESPReplies {
        func request(_ name: StaticString, _ body: String, capacity: Int) -> RESPRequest {
            RESPRequest.build(capacity: capacity) { encoder in
                encoder.command(name, argumentCount: 3 + keys.count + argumentCount)
                encoder.argument(body)
                encoder.argument(keys.count)
                if let key = keys.first { encoder.key(key) }
                for key in keys.dropFirst() { encoder.argument(key) }
                arguments(&encoder)
            }
        }
        let start = NIODeadline.now()
        let replies = try await sendForReplies(
            request("EVALSHA", script.digest, capacity: capacity + 96),
            timeout: timeout,
            retry: retry,
            lane: lane
        )
        guard let error = replies.firstError else { return replies }
        let failure = RedisError(reply: error)
        guard failure.code == .server(.noScript) else { throw failure }
        return try await send(
            request("EVAL", script.source, capacity: capacity + script.source.utf8.count + 96),
            timeout: try rest(of: timeout, since: start),
            retry: retry,
            lane: lane
        )
    }

    /// What is left of a command's time.
    @inline(never)
    private func rest(of timeout: Duration?, since start: NIODeadline) throws(RedisError) -> Duration {
        let whole = timeout?.unsignedNanoseconds ?? defaultTimeout
        let past = UInt64(max(0, (NIODeadline.now() - start).nanoseconds))
        guard past < whole else {
            throw RedisError(.timeoutNotSent, "no time was left to send the script's source")
        }
        return .nanoseconds(Int64(clamping: whole - past))
    }
}
