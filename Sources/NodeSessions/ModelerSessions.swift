public import HiredisClient
public import Modeler
import RESP

/// Sessions that apps in Node (sess with modeler-redis) keep in a Redis, read and written beside them.
///
/// What ``ExpressSessions`` promises of writes and ends holds here. A write raises `rev`, so that a save of Node that
/// began before it is refused there. The cookie is not signed and part of an id can be guessed: move users to `Sess`,
/// which gives them a new token. Safe to use from any number of tasks.
public final class ModelerSessions: Sendable {
    private let client: RedisClient
    private let prefix: String
    private let records: NodeRecords<ModelerRecord>

    /// Describes where the app in Node keeps its sessions.
    ///
    /// - Parameters:
    ///   - client: Asks Redis. The caller runs it or shuts it down.
    ///   - prefix: The option `prefix` of modeler-redis; `"undefined"` where the app has none.
    ///   - name: The option `name` of the collection.
    ///   - lifetime: The seconds that a session lives on after each use; `nil` for ever, as in Node. A write of Node
    ///     takes the limit away, and the next use here sets it again.
    public init(client: RedisClient, prefix: String, name: String = "sessions", lifetime: Int? = nil) {
        self.client = client
        self.prefix = "\(prefix)\(name):"
        records = NodeRecords(client: client, prefix: self.prefix, lifetime: lifetime)
    }

    /// Returns the id that a request presents; `nil` for none, or for what is no id of a session.
    ///
    /// - Parameters:
    ///   - header: The request's field `Cookie`.
    ///   - cookieName: The option `key` of sess.
    public static func sessionID(in header: String, cookieName: String = "sess") -> String? {
        CookieHeader.value(of: cookieName, in: header).flatMap { isID($0) ? $0 : nil }
    }

    /// 32 letters and digits. Other texts would name keys that are no sessions, such as the counter `_idx`.
    private static func isID(_ text: String) -> Bool {
        text.utf8.count == 32
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: false
                }
            }
    }

    /// Returns the members of a session, without those of the library in Node. Dates are texts.
    ///
    /// - Returns: `nil` where there is no such session.
    /// - Throws: ``NodeSessionError`` for a value that is no session; `RedisError`.
    public func load(_ id: String) async throws -> JSONMembers? {
        guard Self.isID(id) else { return nil }
        return try await records.load(id)
    }

    /// Changes a session. The closure runs again on what others have written meanwhile.
    ///
    /// - Parameter body: Changes the members; what it leaves alone keeps its bytes and its types. In a member that it
    ///   changes, dates become texts.
    /// - Returns: The members as they were stored; `nil` where there is no such session, which is then not made.
    /// - Throws: ``NodeSessionError``; `RedisError`, with `outcomeUnknown` where the answer to the write was lost.
    @discardableResult
    public func update(
        _ id: String, _ body: @Sendable (inout JSONMembers) throws -> Void
    ) async throws -> JSONMembers? {
        guard Self.isID(id) else { return nil }
        return try await records.update(id, body)
    }

    /// Ends a session, as ``ExpressSessions/destroy(_:)`` does, and takes it out of the list of all.
    ///
    /// - Throws: `RedisError`.
    public func destroy(_ id: String) async throws {
        guard Self.isID(id) else { return }
        try await records.destroy(id)
        _ = try await client.send(.command("ZREM", key: prefix, id), retry: .always)
    }
}
