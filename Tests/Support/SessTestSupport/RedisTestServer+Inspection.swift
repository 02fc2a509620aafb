import Foundation
public import RedisTestServer

extension RedisTestServer {
    /// All keys.
    public func keys() async throws -> [String] {
        guard case .array(let keys) = try await command("KEYS", "*") else { return [] }
        return keys.compactMap(\.text)
    }

    /// The keys that would never expire. One call, so that no key comes or goes in its middle.
    public func keysWithoutTTL() async throws -> [String] {
        let script = """
            local bare = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              if redis.call('PTTL', key) == -1 then bare[#bare + 1] = key end
            end
            return bare
            """
        guard case .array(let keys) = try await command("EVAL", script, "0") else {
            throw HTTPConnection.Failure(description: "the scan for keys without a TTL failed")
        }
        return keys.compactMap(\.text)
    }

    /// How often each command ran since ``resetCounts()``; those of the caller's own inspection left out.
    public func commandCounts() async throws -> [String: Int] {
        let info = try await command("INFO", "commandstats").text ?? ""
        var counts: [String: Int] = [:]
        for line in info.split(whereSeparator: \.isNewline) where line.hasPrefix("cmdstat_") {
            let parts = line.dropFirst("cmdstat_".count).split(separator: ":")
            guard parts.count == 2, let calls = parts[1].split(separator: ",").first?.split(separator: "=").last else {
                continue
            }
            counts[String(parts[0])] = Int(calls)
        }
        for name in [
            "info", "config|resetstat", "config|get", "config", "keys", "hello", "client", "client|setname", "role",
        ] {
            counts[name] = nil
        }
        return counts
    }

    public func resetCounts() async throws {
        try await command("CONFIG", "RESETSTAT")
    }

    /// The bytes of a snapshot of everything in memory, uncompressed.
    public func snapshot() async throws -> [UInt8] {
        try await commands([["CONFIG", "SET", "rdbcompression", "no"], ["SAVE"]])
        let path = directory + "/dump.rdb"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HTTPConnection.Failure(description: "there is no snapshot at \(path)")
        }
        return Array(data)
    }
}
