import HiredisClient
import Modeler
import RedisTestServer

@testable import ModelerRedis

/// A collection that is listed, the same without an index, and the server of both.
struct ListingUnderTest: Sendable {
    let models: RedisCollection
    let plain: RedisCollection
    let server: RedisTestServer

    /// The members of the index in order.
    func members() async throws -> [String] {
        guard case .array(let members) = try await server.command("ZRANGE", "test:models:", "0", "-1") else {
            return []
        }
        return members.compactMap(\.text)
    }

    /// The milliseconds that the index has left; -1 for no end.
    func timeToLive() async throws -> Int {
        try await server.command("PTTL", "test:models:").integer ?? -2
    }

    /// The ids of all records.
    func records() async throws -> Set<ModelID> {
        guard case .array(let found) = try await server.command("KEYS", "test:models:?*") else { return [] }
        return Set(try found.compactMap(\.text).map { try ModelID(String($0.dropFirst("test:models:".count))) })
    }
}

/// Runs `body` with a listed collection on a fresh `redis-server`.
func withListing(
    hold: Duration = .seconds(60),
    _ body: (ListingUnderTest) async throws -> Void
) async throws {
    try await withRedisServer { server in
        try await withClient(url: server.url) { client in
            let listing = ListingUnderTest(
                models: try RedisCollection(client: client, prefix: "test:", name: "models", listingHold: hold),
                plain: try RedisCollection(client: client, prefix: "test:", name: "models"),
                server: server
            )
            try await body(listing)
        }
    }
}
