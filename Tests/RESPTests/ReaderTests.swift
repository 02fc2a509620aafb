import Foundation
import RESP
import Testing

@Suite struct ReaderTests {
    private static let scale = ProcessInfo.processInfo.environment["SESS_TEST_SCALE"].flatMap(Int.init) ?? 1

    @Test("F1 Every reply, byte by byte and cut at every position, gives the same values")
    func cuts() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("F1 seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var left = min(1_000_000, 10_000 * ReaderTests.scale)
        while left > 0 {
            let values = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                ValueTree.random(depth: 3, using: &generator)
            }
            left -= values.count
            let wire = values.flatMap { $0.wire }
            // Others on this pool have deadlines.
            await Task.yield()
            #expect(try read([wire]) == values)
            #expect(try read(wire.map { [$0] }) == values)
            for cut in wire.indices.prefix(40) {
                let read = try read([Array(wire[..<cut]), Array(wire[cut...])])
                if read != values { Issue.record("cut at \(cut) of \(values), seed \(seed)") }
            }
        }
    }

    @Test("F1 Several replies taken as one value keep their order and content")
    func severalRoots() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("F1 seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var reader = try RESPReader()
        for _ in 0..<2_000 {
            let values = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
                ValueTree.random(depth: 2, using: &generator)
            }
            for value in values {
                try value.wire.withUnsafeBytes { try reader.feed($0) }
                #expect(try reader.next())
            }
            let replies = reader.take()
            #expect((0..<replies.count).map { ValueTree(replies[$0]) } == values, "seed \(seed)")
            #expect(replies.map { ValueTree($0) } == values, "seed \(seed)")
            let hasError = values.contains { if case .error = $0 { true } else { false } }
            #expect(replies.containsError == hasError)
            #expect((replies.firstError != nil) == hasError)
        }
    }

    /// Were each looked for from the first, it would take 10¹⁰ steps.
    @Test("The replies to 150,000 commands are gone through one by one", .timeLimit(.minutes(2)))
    func manyRoots() throws {
        let count = 150_000
        var reader = try RESPReader()
        for index in 0..<count {
            let text = index == count - 1 ? "-ERR last\r\n" : "*1\r\n:1\r\n"
            try Array(text.utf8).withUnsafeBytes { try reader.feed($0) }
            #expect(try reader.next())
        }
        let replies = reader.take()
        #expect(replies.firstError?.string == "ERR last")
        #expect(replies.count { $0.kind == .array } == count - 1)
    }

    @Test("F1 Elements are found by position, flat and nested")
    func positions() throws {
        let tree = ValueTree.array([.integer(1), .array([.bulk([0x61]), .array([])]), .null, .simple([0x62])])
        var reader = try RESPReader()
        try tree.wire.withUnsafeBytes { try reader.feed($0) }
        #expect(try reader.next())
        let reply = reader.take().reply
        #expect(reply.count == 4)
        #expect(reply[0].integer == 1)
        #expect(reply[1][0].string == "a")
        #expect(reply[1][1].count == 0)
        #expect(reply[2].isNull)
        #expect(reply[3].equals("b"))
    }

    @Test("F1 A string of 4 MiB passes in steps of 16 KiB")
    func large() throws {
        let bytes = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try read([ValueTree.bulk(bytes).wire]) == [.bulk(bytes)])
    }

    @Test("F1 Dropped replies leave nothing behind")
    func discard() throws {
        var reader = try RESPReader()
        for text in ["+one\r\n", "*2\r\n:1\r\n$1\r\nx\r\n", "$3\r\ntwo\r\n"] {
            try Array(text.utf8).withUnsafeBytes { try reader.feed($0) }
            #expect(try reader.next())
            reader.discard()
        }
        try Array(":7\r\n".utf8).withUnsafeBytes { try reader.feed($0) }
        #expect(try reader.next())
        #expect(ValueTree(reader.take().reply) == .integer(7))
    }
}
