import HiredisClient
import NIOCore
import NIOPosix
import RESP
import RedisTestServer
import Testing

@testable import HiredisClient

@Suite struct RepeatedWritesTests {
    private static let script = RedisScript("return redis.call('SET', KEYS[1], ARGV[1])")

    private func write(_ key: String, _ value: String = "1", order: Int = 1) -> RepeatedWrite {
        .script(Self.script, key: key, arguments: [value], order: order)
    }

    private func keys(_ writes: RepeatedWrites, after number: UInt64 = 0, now: UInt64 = 1) -> [String] {
        writes.writes(after: number, now: now).map(\.key)
    }

    @Test("D6 Writes are told in their order, from a given one on, and one for each key")
    func order() {
        var writes = RepeatedWrites()
        for key in ["a", "b", "c", "a"] { writes.insert(.removal(of: key), now: 1) }
        #expect(keys(writes) == ["b", "c", "a"])
        #expect(keys(writes, after: 2) == ["c", "a"])
        #expect(keys(writes, after: writes.latest).isEmpty && writes.count == 3)
    }

    @Test("D6 Of two writes on a key the greater stays, in whichever order they are answered, and a removal before all")
    func greater() {
        var writes = RepeatedWrites()
        writes.insert(write("a", "new", order: 5), now: 1)
        writes.insert(write("a", "old", order: 4), now: 1)
        #expect(writes.writes(after: 0, now: 1).first?.order == 5)
        writes.insert(.removal(of: "a"), now: 1)
        writes.insert(write("a", "late", order: 6), now: 1)
        #expect(writes.writes(after: 0, now: 1).map(\.order) == [.max])
        writes.forget("a")
        writes.insert(write("a", order: 1), now: 1)
        #expect(writes.writes(after: 0, now: 1).map(\.order) == [1])
    }

    @Test("D6 A key that was made anew isn't removed again")
    func anew() {
        var writes = RepeatedWrites()
        writes.insert(.removal(of: "a"), now: 1)
        writes.insert(.removal(of: "b"), now: 1)
        writes.forget("a")
        #expect(keys(writes) == ["b"])
        writes.insert(.removal(of: "a"), now: 2)
        #expect(keys(writes, now: 2) == ["b", "a"])
    }

    @Test("D6 Writes are kept for a minute")
    func life() {
        var writes = RepeatedWrites()
        writes.insert(.removal(of: "a"), now: 1)
        writes.insert(.removal(of: "b"), now: RepeatedWrites.life)
        #expect(keys(writes, now: RepeatedWrites.life) == ["a", "b"])
        #expect(keys(writes, now: RepeatedWrites.life + 1) == ["b"])
        #expect(!writes.contains("a", now: RepeatedWrites.life + 1))
        #expect(writes.contains("b", now: RepeatedWrites.life + 1))
        writes.insert(.removal(of: "c"), now: RepeatedWrites.life + 1)
        #expect(writes.count == 2 && writes.dropped == 0)
    }

    @Test("D6 No more writes are kept than there is room for, by number and by bytes, and those given up are counted")
    func bound() {
        var writes = RepeatedWrites(capacity: 100)
        for number in 0..<10_000 { writes.insert(.removal(of: "\(number)"), now: 1) }
        #expect(writes.count == 100 && writes.dropped == 9_900)
        #expect(keys(writes).first == "9900")

        writes = RepeatedWrites(maximumBytes: 100_000)
        let text = String(repeating: "x", count: 1_000)
        for number in 0..<1_000 { writes.insert(write("\(number)", text), now: 1) }
        #expect(writes.byteCount <= 100_000 && writes.byteCount > 90_000 && writes.count < 100)
        for key in keys(writes) { writes.forget(key) }
        #expect(writes.byteCount == 0)
    }

    @Test("D6 A new master executes all of them, whatever scripts it knows, and those that it never can hold up none")
    func replay() async throws {
        try await withRedisServer { server in
            try await server.commands([["SET", "gone", "1"], ["LPUSH", "list", "1"]])
            let failing = RedisScript("return redis.call('INCR', KEYS[1])")
            let recent = RecentWrites()
            recent.withLock { writes in
                writes.insert(.removal(of: "gone"), now: NIODeadline.now().uptimeNanoseconds)
                for number in 0..<600 {
                    writes.insert(write("k\(number)", "\(number)"), now: NIODeadline.now().uptimeNanoseconds)
                }
                writes.insert(
                    .script(failing, key: "list", arguments: [], order: 1), now: NIODeadline.now().uptimeNanoseconds)
                writes.insert(write("last"), now: NIODeadline.now().uptimeNanoseconds)
            }
            let profile = ConnectionProfile(try RedisConfiguration(url: server.url))
            let node = RedisNode(
                RedisEndpoint(.host("127.0.0.1", port: server.port)), profile: profile,
                group: MultiThreadedEventLoopGroup.singleton, numbers: LinkNumbers())
            let replay = WriteReplay(recent)
            #expect(await replay.run(on: node, after: 0, timeout: 20_000_000_000) == 603)
            #expect(try await server.command("DBSIZE").integer == 602)
            #expect(try await server.command("GET", "k599").text == "599")
            // One that takes no writes hasn't executed them.
            try await server.command("CONFIG", "SET", "min-replicas-to-write", "1")
            #expect(await replay.run(on: node, after: 0, timeout: 20_000_000_000) == nil)
            await node.shutDown(grace: .zero)
        }
    }
}
