/// Runs `body` with a fresh `redis-server`, which is killed afterwards whatever happens.
public func withRedisServer<Result>(
    arguments: [String] = [],
    startsNow: Bool = true,
    _ body: (RedisTestServer) async throws -> Result
) async throws -> Result {
    let server = try RedisTestServer(arguments: arguments)
    do {
        if startsNow { try await server.start() }
        let result = try await body(server)
        try await server.kill()
        server.removeDirectory()
        return result
    } catch {
        try await server.kill()
        server.removeDirectory()
        throw error
    }
}
