import FoundationEssentials
public import HiredisClient
public import Hummingbird
import RESP

/// Hummingbird's storage of keys and values, in Redis.
///
/// ```swift
/// let persist = RedisPersist(client: try RedisClient(url: "redis://127.0.0.1"), prefix: "myapp:")
/// ```
///
/// A value is JSON in a string under `prefix + key`, and its expiry is Redis's own. Redis forgets what is expired by
/// itself. Every operation is one round trip. A write whose answer is lost isn't repeated: the error says that its
/// outcome is unknown. Safe to use from any number of tasks.
public struct RedisPersist: PersistDriver {
    let client: RedisClient
    let prefix: String

    /// A driver on a client that others may use too.
    ///
    /// - Parameters:
    ///   - client: Asks Redis. The driver runs and shuts it down when it is a service itself.
    ///   - prefix: The text that every key begins with; different for each app that shares a Redis.
    public init(client: RedisClient, prefix: String = "") {
        self.client = client
        self.prefix = prefix
    }

    /// Stores a value under a key that has none.
    ///
    /// - Throws: `PersistError.duplicate` where the key has a value; `RedisError`.
    public func create<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let replies = try await client.send(try write(value, to: key, expires: expires, option: "NX"))
        if replies[0].isNull { throw PersistError.duplicate }
    }

    /// Stores a value. Without an expiry of its own it keeps that of the value before.
    ///
    /// - Throws: `RedisError`.
    public func set<Object: Codable & Sendable>(key: String, value: Object, expires: Duration?) async throws {
        let option = expires == nil ? "KEEPTTL" : nil
        _ = try await client.send(try write(value, to: key, expires: expires, option: option))
    }

    /// Returns the value of a key; `nil` where there is none.
    ///
    /// - Throws: `PersistError.invalidConversion` where it is of another type; `RedisError`.
    public func get<Object: Codable & Sendable>(key: String, as type: Object.Type) async throws -> Object? {
        let replies = try await client.send(.command("GET", key: prefix + key), retry: .always)
        return try replies[0].bytes.map { try object($0, as: type) }
    }

    /// Returns the value of a key and how long it lives on; a time of `nil` is for ever.
    ///
    /// - Throws: `PersistError.invalidConversion` where it is of another type; `RedisError`.
    public func getWithTTL<Object: Codable & Sendable>(
        key: String, as type: Object.Type
    ) async throws -> (object: Object, ttl: Duration?)? {
        let request = RESPRequest.joined([.command("GET", key: prefix + key), .command("PTTL", key: prefix + key)])
        let replies = try await client.send(request, retry: .always)
        // -2: it expired between the two commands. -1: it has no expiry.
        guard let bytes = replies[0].bytes, let rest = replies[1].integer, rest != -2 else { return nil }
        return (try object(bytes, as: type), rest < 0 ? nil : .milliseconds(rest))
    }

    /// Removes the value of a key, if it has one.
    ///
    /// - Throws: `RedisError`.
    public func remove(key: String) async throws {
        _ = try await client.send(.command("DEL", key: prefix + key))
    }

    /// Connects the client, and shuts it down at the end of the service group.
    public func run() async throws {
        try await client.run()
    }

    /// Shuts the client down.
    public func shutdown() async throws {
        await client.shutdown()
    }

    private func write(
        _ value: some Encodable, to key: String, expires: Duration?, option: String?
    ) throws -> RESPRequest {
        let bytes = Array(try JSONEncoder().encode(value))
        let lifetime = expires.map(Self.milliseconds)
        let arguments = 3 + (lifetime == nil ? 0 : 2) + (option == nil ? 0 : 1)
        return .build(capacity: bytes.count + prefix.utf8.count + key.utf8.count + 96) { encoder in
            encoder.command("SET", argumentCount: arguments)
            encoder.key(prefix + key)
            encoder.argument(bytes)
            if let lifetime {
                encoder.argument("PX")
                encoder.argument(lifetime)
            }
            if let option { encoder.argument(option) }
        }
    }

    private func object<Object: Decodable>(_ bytes: ArraySlice<UInt8>, as type: Object.Type) throws -> Object {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch is DecodingError {
            throw PersistError.invalidConversion
        }
    }

    /// A lifetime as Redis takes it: at least 1, and no more than a thousand years.
    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        guard seconds < 31_556_952_000 else { return 31_556_952_000_000 }
        guard seconds >= 0 else { return 1 }
        return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
