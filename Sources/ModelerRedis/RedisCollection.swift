public import HiredisClient
public import Modeler
import RESP

/// Models in Redis: one hash for each, under `prefix + name + ":" + id`.
///
/// ```swift
/// let sessions = try RedisCollection(url: "redis://localhost", prefix: "myapp:", name: "sessions")
/// ```
///
/// A read is one round trip of plain commands, a write one script on one key. Redis's clock alone decides when a model
/// expires. A write whose answer is lost with its connection is sent again and applied once. Safe to use from any
/// number of tasks.
public final class RedisCollection: ModelCollection, Sendable {
    public let name: String
    public let expiry: Expiry
    public let hooks: ModelHooks

    /// The most bytes that a model may have: its names and values, and 16 for each field.
    public let maximumBytes: Int

    let client: RedisClient
    let keys: RedisKeySpace
    let commitScript: RedisScript
    /// The index of the order of insertion, where one is kept.
    let index: ListingIndex?
    let passing = Guarded(ListingPassing())

    /// A collection on a client that others may use too.
    ///
    /// - Parameters:
    ///   - client: Asks Redis. The caller runs it or shuts it down.
    ///   - prefix: What all keys begin with; keep it different for each app that shares a Redis.
    ///   - name: What the models are.
    ///   - expiry: The limits of a model for which none are named.
    ///   - hooks: What runs around `create`, `save`, `load` and `destroy`.
    ///   - maximumBytes: The most bytes that a model may have: its names and values, and 16 for each field. A write by
    ///     which it would grow beyond that throws `ModelError.Code.tooLarge`.
    ///   - listing: Whether an index is kept by which the collection can be listed. It costs an insertion one trip to
    ///     Redis more, and a removal two. All who write to the collection should agree on it; what was written without
    ///     enters the index by ``rebuildIndex(progress:)``.
    /// - Throws: `ModelError.Code.misconfigured` for an empty name, a prefix or name that no key should have, or a
    ///   maximum beyond what the client reads.
    public convenience init(
        client: RedisClient,
        prefix: String = "",
        name: String,
        expiry: Expiry = .never,
        hooks: ModelHooks = ModelHooks(),
        maximumBytes: Int = 8 << 20,
        listing: Bool = false
    ) throws(ModelError) {
        try self.init(
            client: client,
            prefix: prefix,
            name: name,
            expiry: expiry,
            hooks: hooks,
            maximumBytes: maximumBytes,
            listingHold: listing ? ListingIndex.defaultHold : nil
        )
    }

    /// - Parameter listingHold: How long an entry of the index is taken for one that is being inserted; `nil` for no
    ///   index.
    init(
        client: RedisClient,
        prefix: String,
        name: String,
        expiry: Expiry = .never,
        hooks: ModelHooks = ModelHooks(),
        maximumBytes: Int = 8 << 20,
        listingHold: Duration?
    ) throws(ModelError) {
        guard !name.isEmpty, Self.isKeyText(name), !name.utf8.contains(UInt8(ascii: ":")), name != "owner" else {
            throw ModelError(
                .misconfigured,
                "a collection's name is a text without ':', '{', '}' and control characters, and not 'owner'"
            )
        }
        guard Self.isKeyText(prefix) else {
            throw ModelError(.misconfigured, "a prefix is a text without '{', '}' and control characters")
        }
        let readable = client.configuration.maximumReplyStringBytes - Self.replyOverhead
        guard (0...readable).contains(maximumBytes) else {
            throw ModelError(
                .misconfigured,
                "maximumBytes is \(maximumBytes); it is at least 0, and at most \(readable) with a client whose "
                    + "maximumReplyStringBytes is \(client.configuration.maximumReplyStringBytes)"
            )
        }
        self.client = client
        commitScript = RecordScripts.commit(maximumBytes: maximumBytes)
        let keys = RedisKeySpace(prefix: prefix, name: name)
        self.keys = keys
        self.index = listingHold.map { ListingIndex(client: client, key: keys.index, hold: $0) }
        self.name = name
        self.expiry = expiry
        self.hooks = hooks
        self.maximumBytes = maximumBytes
    }

    /// A collection with a client of its own, which connects at the first call and closes when it is released.
    ///
    /// - Parameters:
    ///   - url: `redis://[user][:password]@host[:port][/db]` or `unix:///path?db=N`.
    ///   - prefix: What all keys begin with; keep it different for each app that shares a Redis.
    ///   - name: What the models are.
    ///   - expiry: The limits of a model for which none are named.
    ///   - hooks: What runs around `create`, `save`, `load` and `destroy`.
    ///   - listing: Whether an index is kept by which the collection can be listed.
    /// - Throws: `ModelError.Code.misconfigured` that says what is wrong and shows no password.
    public convenience init(
        url: String,
        prefix: String = "",
        name: String,
        expiry: Expiry = .never,
        hooks: ModelHooks = ModelHooks(),
        listing: Bool = false
    ) throws(ModelError) {
        let client: RedisClient
        do {
            client = try RedisClient(url: url)
        } catch {
            throw ModelError(.misconfigured, error.message, underlying: error)
        }
        try self.init(client: client, prefix: prefix, name: name, expiry: expiry, hooks: hooks, listing: listing)
    }

    /// What a stored value may have beside a model's bytes.
    private static let replyOverhead = 64

    private static func isKeyText(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0 != "{" && $0 != "}" }
    }

    /// The record of an id that a reply holds. A reply that belongs to another id closes its connection.
    func model(
        _ reply: RESPReply,
        of replies: RESPReplies,
        id: ModelID,
        now: Timestamp
    ) throws(ModelError) -> Model? {
        do throws(RecordFault) {
            return try RecordReader.model(reply, id: id, now: now)
        } catch {
            throw fault(error, of: replies, id: id)
        }
    }

    /// The error for a reply that is no record of an id; closes the connection of one that is another's.
    func fault(_ fault: RecordFault, of replies: RESPReplies, id: ModelID) -> ModelError {
        switch fault {
        case .foreign: foreignReply(replies)
        case .newer: newer(id)
        case .unreadable(let reason): unreadable(id, reason)
        }
    }

    /// The error for a record that nobody can read.
    func unreadable(_ id: ModelID, _ reason: String) -> ModelError {
        ModelError(.unreadable, "what is stored as \(name) \(id) is no model: \(reason)")
    }

    /// The error for a record of a layout that this version doesn't know.
    func newer(_ id: ModelID) -> ModelError {
        ModelError(
            .unreadableHere,
            "\(name) \(id) is of a newer layout than \(RecordLayout.version); "
                + "a newer version of this library can read it"
        )
    }

    /// Closes the connection of a reply that belongs to another call.
    func foreignReply(_ replies: RESPReplies) -> ModelError {
        client.poison(replies)
        return ModelError(.outcomeUnknown, "Redis's answer belongs to another call; its connection was closed")
    }
}
