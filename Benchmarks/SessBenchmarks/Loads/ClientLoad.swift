import HiredisClient
import Modeler
import ModelerRedis
import NIOCore
import NIOPosix
import RESP

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
        configuration.connections = options.number("connections", 1)
        let client = try RedisClient(configuration: configuration, eventLoopGroup: group)
        try await client.ping()
        let callers = options.number("callers", 64)
        let operations = try (0..<callers).map { try operation(of: $0, options, client) }
        let sample = try await Callers.run(
            operations, on: options.text("on", "loop") == "loop" ? group.next() : nil,
            seconds: options.seconds("seconds", 2), serverPID: options.number("redis-pid", 0))
        print(sample.line, "resident_kib=\(Reading.residentKiB(of: Int(getpid())))")
        await client.shutdown()
        try await group.shutdownGracefully()
    }

    private static func operation(
        of caller: Int, _ options: Options, _ client: RedisClient
    ) throws -> Callers.Operation {
        let key = options.text("key", "key:") + "\(caller)"
        let value = [UInt8](repeating: 0x78, count: options.number("bytes", 256))
        switch options.text("op", "get") {
        case "get":
            return {
                let request = RESPRequest.build(capacity: 64) { encoder in
                    encoder.command("GET", argumentCount: 2)
                    encoder.argument(key)
                }
                let replies = try await client.send(request, retry: .always)
                precondition(replies.reply.count == value.count, "another value than was stored")
            }
        case "set":
            return {
                let request = RESPRequest.build(capacity: 64 + key.utf8.count + value.count) { encoder in
                    encoder.command("SET", argumentCount: 5)
                    encoder.argument(key)
                    encoder.argument(value)
                    encoder.argument("PX")
                    encoder.argument(3_600_000)
                }
                let replies = try await client.send(request)
                precondition(replies.reply.equals("OK"), "a refusal")
            }
        case "hgetall":
            return {
                let request = RESPRequest.build(capacity: 128) { encoder in
                    encoder.command("HGETALL", argumentCount: 2)
                    encoder.argument(key)
                }
                let replies = try await client.send(request, retry: .always)
                precondition(replies.reply.count > 0, "no hash")
            }
        default:
            return try recordOperation(options, client, key: key, size: value.count)
        }
    }

    private static func recordOperation(
        _ options: Options, _ client: RedisClient, key: String, size: Int
    ) throws -> Callers.Operation {
        let id = try ModelID(key.split(separator: ":").last.map(String.init) ?? "")
        let records = try RedisCollection(client: client, prefix: BenchmarkRecords.prefix, name: BenchmarkRecords.name)
        let value = BenchmarkRecords.value(size)
        let spread = options.number("spread", 0)
        /// The caller's own record, or any of so many.
        @Sendable func target() -> ModelID { spread > 0 ? ModelID(Int.random(in: 0..<spread)) : id }
        switch options.text("op") {
        case "load":
            return {
                guard try await records.fetch(target()) != nil else { preconditionFailure("no record \(id)") }
            }
        case "commit":
            return {
                let change = Change(
                    [("f0", .set(value))], expecting: .fields([.init(name: "__token", revision: 1)]), renewal: .touch,
                    base: 1)
                guard case .committed = try await records.commit(change, to: target()) else {
                    preconditionFailure("not committed")
                }
            }
        default: throw Failure("no operation is called '\(options.text("op"))'")
        }
    }
}
