package import RESP

extension RedisClient {
    /// Runs a script by its name; sends its source once if the server doesn't know it.
    ///
    /// - Parameters:
    ///   - keys: The keys that the script touches, KEYS in Lua.
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
        arguments: (inout RESPEncoder) -> Void = { _ in }
    ) async throws(RedisError) -> RESPReplies {
        func request(_ name: StaticString, _ body: String, capacity: Int) -> RESPRequest {
            RESPRequest.build(capacity: capacity) { encoder in
                encoder.command(name, argumentCount: 3 + keys.count + argumentCount)
                encoder.argument(body)
                encoder.argument(keys.count)
                for key in keys { encoder.argument(key) }
                arguments(&encoder)
            }
        }
        let replies = try await sendForReplies(
            request("EVALSHA", script.digest, capacity: capacity + 96),
            timeout: timeout,
            retry: retry
        )
        guard let error = replies.firstError else { return replies }
        let failure = RedisError(reply: error)
        guard failure.code == .server(.noScript) else { throw failure }
        return try await send(
            request("EVAL", script.source, capacity: capacity + script.source.utf8.count + 96),
            timeout: timeout,
            retry: retry
        )
    }
}
