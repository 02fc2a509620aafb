import HiredisClient
import NIOCore

/// Runs `body` with a client, which is shut down afterwards whatever happens.
func withClient<Result>(
    url: String,
    group: (any EventLoopGroup)? = nil,
    configure: (inout RedisConfiguration) -> Void = { _ in },
    _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    var configuration = try RedisConfiguration(url: url)
    configuration.logger = quietLogger
    // A busy machine must not change which of a peer's connections a test talks to.
    configuration.connectTimeout = .seconds(10)
    configuration.commandTimeout = .seconds(20)
    // ROLE, or a connection replaced for a proxy's delays, would be in the way of what tests do with replies.
    configuration.roleCheckInterval = .seconds(600)
    configuration.overdueInterval = .seconds(600)
    configure(&configuration)
    let client = try RedisClient(configuration: configuration, eventLoopGroup: group)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}
