import FoundationEssentials
public import HiredisClient
public import Modeler
import RESP

/// Sessions that apps in Node (express-session with connect-redis) keep in a Redis, read and written beside them.
///
/// ```swift
/// let sessions = ExpressSessions(client: client)
/// let cookie = try ExpressCookie(secrets: ["keyboard cat"])
/// if let id = cookie.sessionID(in: header), let session = try await sessions.load(id) { … }
/// ```
///
/// A write of this type loses nothing that anybody has written: it compares the stored bytes in the same step. Node's
/// writes are blind, and may overwrite a member that was written here while a request was in flight there; they may
/// also bring a session back that ended meanwhile. Such a one isn't served here for a minute, and is removed when it
/// is asked for. Safe to use from any number of tasks.
public final class ExpressSessions: Sendable {
    let client: RedisClient
    private let prefix: String
    private let lifetime: Int?
    private let ended = EndedSessions()

    private static let mostAttempts = 100

    /// Describes where the app in Node keeps its sessions.
    ///
    /// - Parameters:
    ///   - client: Asks Redis. The caller runs it or shuts it down.
    ///   - prefix: The option `prefix` of connect-redis.
    ///   - lifetime: The option `ttl` of connect-redis in seconds, for sessions whose cookie has no age; `nil` for
    ///     `disableTTL`: no expiry is ever set.
    public init(client: RedisClient, prefix: String = "sess:", lifetime: Int? = 86_400) {
        self.client = client
        self.prefix = prefix
        self.lifetime = lifetime.map { max(1, $0) }
    }

    /// Returns the members of a session without Express's own `cookie`, and moves its expiry as a request in Node does.
    ///
    /// - Parameter id: The id of a cookie whose signature was verified.
    /// - Returns: `nil` where there is no such session.
    /// - Throws: ``NodeSessionError`` for a value that is no session; `RedisError`.
    public func load(_ id: String) async throws -> JSONMembers? {
        guard let bytes = try await read(id) else { return nil }
        let record = try ExpressRecord(bytes)
        if let lifetime {
            let seconds = "\(record.lifetime(default: lifetime))"
            _ = try await client.send(.command("EXPIRE", key: prefix + id, seconds), retry: .always)
        }
        return record.members
    }

    /// Changes a session. The closure runs again on what others have written meanwhile.
    ///
    /// - Parameter body: Changes the members; what it leaves alone keeps the bytes that Node wrote.
    /// - Returns: The members as they were stored; `nil` where there is no such session, which is then not made.
    /// - Throws: ``NodeSessionError``; `RedisError`, with `outcomeUnknown` where the answer to the write was lost.
    @discardableResult
    public func update(
        _ id: String, _ body: @Sendable (inout JSONMembers) throws -> Void
    ) async throws -> JSONMembers? {
        guard var bytes = try await read(id) else { return nil }
        for _ in 0..<Self.mostAttempts {
            var record = try ExpressRecord(bytes)
            try body(&record.members)
            let written = try record.encoded(now: Date())
            let seconds = lifetime.map { record.lifetime(default: $0) } ?? 0
            let replies = try await client.evaluate(
                Self.replace, keys: [prefix + id], argumentCount: 3, capacity: bytes.count + written.count + 64
            ) { encoder in
                encoder.argument(bytes)
                encoder.argument(written)
                encoder.argument(seconds)
            }
            if replies[0].integer == 1 {
                // It ended here while this was under way.
                guard ended.contains(id) else { return record.members }
                try await remove(id)
                return nil
            }
            guard let others = replies[0].bytes, !others.isEmpty else { return nil }
            bytes = others
        }
        throw NodeSessionError(.contended, "\(Self.mostAttempts) attempts met as many writes of others")
    }

    /// Ends a session. For a minute this object refuses the id, and removes what a request in flight in Node brings
    /// back under it when it is asked for.
    ///
    /// - Throws: `RedisError`.
    public func destroy(_ id: String) async throws {
        ended.insert(id)
        try await remove(id)
    }

    private func remove(_ id: String) async throws {
        _ = try await client.send(.command("DEL", key: prefix + id), retry: .always)
    }

    /// The stored bytes; `nil` for none, for an empty text as in Node, and for what has ended.
    private func read(_ id: String) async throws -> ArraySlice<UInt8>? {
        guard !id.isEmpty else { return nil }
        let replies = try await client.send(.command("GET", key: prefix + id), retry: .always)
        guard let bytes = replies[0].bytes, !bytes.isEmpty else { return nil }
        guard ended.contains(id) else { return bytes }
        try await remove(id)
        return nil
    }

    /// 1 where the value was that of ARGV[1] and now is ARGV[2]; otherwise the value, or nil. ARGV[3] is how many
    /// seconds it lives on, 0 for as long as before.
    private static let replace = RedisScript(
        """
        local value = redis.call('GET', KEYS[1])
        if value ~= ARGV[1] then return value end
        if ARGV[3] == '0' then
            redis.call('SET', KEYS[1], ARGV[2], 'XX', 'KEEPTTL')
        else
            redis.call('SET', KEYS[1], ARGV[2], 'XX', 'EX', ARGV[3])
        end
        return 1
        """)
}
