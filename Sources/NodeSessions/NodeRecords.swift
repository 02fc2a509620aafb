import FoundationEssentials
import HiredisClient
import Modeler
import RESP

/// Records that an app in Node writes too, one text under each key.
final class NodeRecords<Record: NodeRecord>: Sendable {
    let client: RedisClient
    private let prefix: String
    private let lifetime: Int?
    private let ended = EndedSessions()

    private static var mostAttempts: Int { 100 }

    init(client: RedisClient, prefix: String, lifetime: Int?) {
        self.client = client
        self.prefix = prefix
        self.lifetime = lifetime.map { max(1, $0) }
    }

    func load(_ id: String) async throws -> JSONMembers? {
        guard let bytes = try await read(id) else { return nil }
        let record = try Record(bytes, id: id)
        if let lifetime {
            let seconds = "\(record.lifetime(default: lifetime))"
            _ = try await client.send(.command("EXPIRE", key: prefix + id, seconds), retry: .always)
        }
        return record.members
    }

    func update(
        _ id: String, _ body: @Sendable (inout JSONMembers) throws -> Void
    ) async throws -> JSONMembers? {
        guard var bytes = try await read(id) else { return nil }
        for _ in 0..<Self.mostAttempts {
            var record = try Record(bytes, id: id)
            try body(&record.members)
            let written = try record.encoded(now: Date())
            let seconds = lifetime.map { record.lifetime(default: $0) } ?? 0
            let replies = try await client.evaluate(
                replaceScript, keys: [prefix + id], argumentCount: 3, capacity: bytes.count + written.count + 64
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

    func destroy(_ id: String) async throws {
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
}

/// 1 where the value was that of ARGV[1] and now is ARGV[2]; otherwise the value, or nil. ARGV[3] is how many
/// seconds it lives on, 0 for as long as before.
private let replaceScript = RedisScript(
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
