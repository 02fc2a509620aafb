import RESP

/// The suspended caller of a command.
///
/// The continuation is unchecked, which saves an allocation per command. It is resumed exactly once: a waiter is
/// in one ``PendingCommand`` at a time, and the machine takes it out before it completes it.
struct CommandWaiter: Sendable {
    let continuation: UnsafeContinuation<Result<RESPReplies, RedisError>, Never>

    func complete(_ result: Result<RESPReplies, RedisError>) {
        continuation.resume(returning: result)
    }
}
