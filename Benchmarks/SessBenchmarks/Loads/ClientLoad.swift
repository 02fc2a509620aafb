import HiredisClient
import Logging
import Modeler
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The client alone, and records through it: one connection, a number of callers, one kind of operation.
enum ClientLoad {
    static func run(_ options: Options) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let address: RedisConfiguration.Address =
            options.text("unix").isEmpty
            ? .host("127.0.0.1", port: options.number("port", 6379)) : .unixSocket(path: options.text("unix"))
        var configuration = RedisConfiguration(address: address)
        configuration.logger.logLevel = .error
        configuration.connections = options.number("connections", 1)
        let client = try RedisClient(configuration: configuration, eventLoopGroup: group)
        try await client.ping()
        let callers = options.number("callers", 64)
        let seconds = options.seconds("seconds", 2)
        let loop = options.text("on", "loop") == "loop" ? group.next() : nil
        let pid = options.number("redis-pid", 0)
        let keys = (0..<callers).map { options.text("key", "key:") + "\($0)" }
        let size = options.number("bytes", 256)
        let sample: Sample
        switch options.text("op", "get") {
        case "get":
            let operations = keys.map { GetOperation(client: client, key: $0, size: size) }
            sample = try await Callers.run(operations, on: loop, seconds: seconds, serverPID: pid)
        case "set":
            let operations = keys.map { SetOperation(client: client, key: $0, size: size) }
            sample = try await Callers.run(operations, on: loop, seconds: seconds, serverPID: pid)
        case "hgetall":
            let operations = keys.map { HashOperation(client: client, key: $0) }
            sample = try await Callers.run(operations, on: loop, seconds: seconds, serverPID: pid)
        case "load", "commit":
            let operations = try (0..<callers).map { caller in
                try RecordOperation(
                    client: client, id: ModelID(caller), commits: options.text("op") == "commit",
                    value: BenchmarkRecords.value(size), spread: options.number("spread", 0))
            }
            sample = try await Callers.run(operations, on: loop, seconds: seconds, serverPID: pid)
        case let other: throw Failure("no operation is called '\(other)'")
        }
        print(sample.line, "resident_kib=\(Reading.residentKiB(of: Int(getpid())))")
        await client.shutdown()
        try await group.shutdownGracefully()
    }
}
