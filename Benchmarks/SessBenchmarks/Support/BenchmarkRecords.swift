import HiredisClient
import Modeler
import ModelerRedis
import RESP

/// What the benchmarks find in Redis: strings under `key:N`, and records with a token's field and others.
enum BenchmarkRecords {
    static let prefix = "benchmark:"
    static let name = "sessions"
    static let keyPrefix = "\(prefix)\(name):"
    private static let commitScript = RecordScripts.commit(maximumBytes: 8 << 20)
    static let commitDigest = commitScript.digest

    /// Makes sure that the server knows the commit's script, which the ceiling calls by its name only.
    static func loadScripts(_ client: RedisClient) async throws {
        _ = try await client.send(.command("SCRIPT", "LOAD", commitScript.source))
    }

    /// A JSON string of so many bytes.
    static func value(_ size: Int) -> EncodedJSON {
        // A text has a JSON form, so nothing else comes out.
        (try? EncodedJSON(encoding: String(repeating: "x", count: max(1, size - 2)))) ?? .null
    }

    /// Stores strings of `bytes` and records of `fields` fields that have `recordBytes` together.
    static func prepare(
        _ client: RedisClient, count: Int, bytes: Int, fields: Int, recordBytes: Int
    ) async throws {
        let text = [UInt8](repeating: 0x78, count: bytes)
        let records = try RedisCollection(client: client, prefix: prefix, name: name)
        let token = value(45)
        let field = value(max(3, recordBytes / fields))
        for start in stride(from: 0, to: count, by: 256) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in start..<min(start + 256, count) {
                    group.addTask {
                        _ = try await client.send(
                            RESPRequest.build(capacity: bytes + 64) { encoder in
                                encoder.command("SET", argumentCount: 3)
                                encoder.argument("key:\(number)")
                                encoder.argument(text)
                            })
                        let id = ModelID(number)
                        try await records.remove(id)
                        _ = try await records.insert(
                            NewModel(
                                id: id, fields: [("__token", token)] + (0..<fields).map { ("f\($0)", field) }),
                            expiry: Expiry(idle: .seconds(1800), absolute: .seconds(43200)))
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
