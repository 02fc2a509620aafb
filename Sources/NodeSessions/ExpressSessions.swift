public import HiredisClient
public import Modeler

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
    private let records: NodeRecords<ExpressRecord>

    /// Describes where the app in Node keeps its sessions.
    ///
    /// - Parameters:
    ///   - client: Asks Redis. The caller runs it or shuts it down.
    ///   - prefix: The option `prefix` of connect-redis.
    ///   - lifetime: The option `ttl` of connect-redis in seconds, for sessions whose cookie has no age; `nil` for
    ///     `disableTTL`: no expiry is ever set.
    public init(client: RedisClient, prefix: String = "sess:", lifetime: Int? = 86_400) {
        records = NodeRecords(client: client, prefix: prefix, lifetime: lifetime)
    }

    /// Returns the members of a session without Express's own `cookie`, and moves its expiry as a request in Node does.
    ///
    /// - Parameter id: The id of a cookie whose signature was verified.
    /// - Returns: `nil` where there is no such session.
    /// - Throws: ``NodeSessionError`` for a value that is no session; `RedisError`.
    public func load(_ id: String) async throws -> JSONMembers? {
        try await records.load(id)
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
        try await records.update(id, body)
    }

    /// Ends a session. For a minute this object refuses the id, and removes what a request in flight in Node brings
    /// back under it when it is asked for.
    ///
    /// - Throws: `RedisError`.
    public func destroy(_ id: String) async throws {
        try await records.destroy(id)
    }
}
