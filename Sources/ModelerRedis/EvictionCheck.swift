import HiredisClient
import Logging
import RESP
import Synchronization

/// Asks Redis once which keys it evicts, and warns where a revocation can't promise what it should.
///
/// Begun by the first operation on owners, beside it: nothing waits for it.
final class EvictionCheck: Sendable {
    private let begun = Atomic(false)
    private let over = Atomic(false)
    private let collection: String

    /// Whether anybody has asked.
    var isBegun: Bool { begun.load(ordering: .relaxed) }

    /// Whether the policy is known, or can't be.
    var isOver: Bool { over.load(ordering: .acquiring) }

    init(collection: String) { self.collection = collection }

    /// Asks, unless somebody has. Where there was no connection to ask on, the next call asks again.
    func begin(_ client: RedisClient) {
        guard !isBegun, !begun.exchange(true, ordering: .relaxed) else { return }
        Task { [self] in
            do {
                if let policy = try await Self.policy(client) { warn(of: policy, client) }
                over.store(true, ordering: .releasing)
            } catch {
                begun.store(false, ordering: .relaxed)
            }
        }
    }

    /// The policy; `nil` where the user may not ask.
    private static func policy(_ client: RedisClient) async throws(RedisError) -> String? {
        let information = try await answer(client, "INFO", "memory")
        if let text = information?.string {
            for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(informationPrefix) {
                return String(line.dropFirst(informationPrefix.count))
            }
        }
        guard let setting = try await answer(client, "CONFIG", "GET", "maxmemory-policy"), setting.count == 2 else {
            return nil
        }
        return setting[1].string
    }

    private static let informationPrefix = "maxmemory_policy:"

    /// What the server answers; `nil` where it refuses.
    private static func answer(_ client: RedisClient, _ command: String...) async throws(RedisError) -> RESPReply? {
        let request = RESPRequest.build { encoder in
            encoder.command(argumentCount: command.count)
            for argument in command { encoder.argument(argument) }
        }
        let replies = try await client.sendForReplies(request, retry: .always)
        guard let error = replies.firstError else { return replies.reply }
        let failure = RedisError(reply: error)
        switch failure.code.serverErrorKind {
        case .noPermission, .other: return nil
        default: throw failure
        }
    }

    private func warn(of policy: String, _ client: RedisClient) {
        // By volatile-ttl an owner's key, which outlives the models in it by an hour, goes after all of them.
        guard policy != "noeviction", policy != "volatile-ttl" else { return }
        client.configuration.logger.warning(
            """
            Redis may evict what it knows of the owners of \(collection): a revocation then ends a model that it has \
            lost only at that model's next check, and not at all once the owner's epoch is evicted too. Set \
            maxmemory-policy to noeviction or volatile-ttl
            """,
            metadata: ["maxmemory-policy": "\(policy)"])
    }
}
