import Foundation
import HiredisClient
import Logging

/// The redis-server that `scripts/bench` has started.
struct BenchmarkRedis {
    let port: Int
    let pid: Int
    let socket: String

    init(_ options: Options) {
        port = options.number("port", 6379)
        pid = options.number("redis-pid", 0)
        socket = options.text("unix")
    }

    /// The options by which a load program finds it.
    var arguments: [String] { ["--port", "\(port)", "--redis-pid", "\(pid)"] }
    var socketArguments: [String] { ["--unix", socket, "--redis-pid", "\(pid)"] }

    func withClient(_ body: (RedisClient) async throws -> Void) async throws {
        var configuration = RedisConfiguration(address: .host("127.0.0.1", port: port))
        configuration.logger.logLevel = .error
        configuration.commandTimeout = .seconds(60)
        configuration.stallTimeout = .seconds(60)
        let client = try RedisClient(configuration: configuration)
        try await body(client)
        await client.shutdown()
    }
}
