import EventLoopExecution
import Foundation
import HiredisClient
import NIOCore
import NIOPosix
import RESP

/// Ten million commands, and what memory the process has after the first and after the last.
enum GrowthLoad {
    static func run(_ options: Options) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = try RedisClient(
            configuration: RedisConfiguration(address: .host("127.0.0.1", port: options.number("port", 6379))),
            eventLoopGroup: group)
        let executor = EventLoopTaskExecutor(group.next())
        let commands = options.number("commands", 10_000_000)
        var residents: [Int] = []
        for part in [commands / 10, commands - commands / 10] {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for caller in 0..<256 {
                    tasks.addTask(executorPreference: executor) {
                        let key = "key:\(caller % 64)"
                        for _ in 0..<part / 256 {
                            _ = try await client.send(
                                RESPRequest.build(capacity: 64) { encoder in
                                    encoder.command("GET", argumentCount: 2)
                                    encoder.argument(key)
                                })
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            residents.append(Reading.residentKiB(of: Int(getpid())))
        }
        print("first_kib=\(residents[0]) last_kib=\(residents[1])")
        await client.shutdown()
        try await group.shutdownGracefully()
    }
}
