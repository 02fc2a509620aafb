import RESP
import Testing

@testable import HiredisClient

@Suite struct ClusterQuestionTests {
    private let asked = RedisEndpoint(.host("10.0.0.9", port: 7000))

    private func replies(_ text: String) throws -> RESPReplies {
        var reader = try RESPReader()
        Array(text.utf8).withUnsafeBytes { try? reader.feed($0) }
        while try reader.next() {}
        return reader.take()
    }

    private func bulk(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    private func view(_ node: String) throws -> ClusterView {
        let info = bulk("cluster_state:ok\r\ncluster_current_epoch:12\r\ncluster_my_epoch:3\r\n")
        let replies = try replies("*1\r\n*3\r\n:0\r\n:16383\r\n\(node)\(info)")
        return try ClusterQuestion.view(replies, asked: asked) { RedisEndpoint($0, announcedName: $1) }
    }

    @Test("D7 Slots, addresses and epoch as nodes of all versions tell them")
    func addresses() throws {
        let id = bulk("0123456789012345678901234567890123456789")
        let plain = RedisEndpoint(.host("10.0.0.1", port: 7001))
        let all = try view("*2\r\n\(bulk("10.0.0.1")):7001\r\n")
        #expect(all == ClusterView(ranges: [.init(slots: 0...16_383, endpoint: plain)], epoch: 12))
        #expect(all.coverage == HashSlot.count)
        func endpoint(_ node: String) throws -> RedisEndpoint? { try view(node).ranges.first?.endpoint }
        #expect(try endpoint("*3\r\n\(bulk("10.0.0.1")):7001\r\n\(id)") == plain)
        #expect(try endpoint("*4\r\n\(bulk("10.0.0.1")):7001\r\n\(id)*0\r\n") == plain)
        let named = "*2\r\n\(bulk("hostname"))\(bulk("a.example"))"
        #expect(
            try endpoint("*4\r\n\(bulk("10.0.0.1")):7001\r\n\(id)\(named)")
                == RedisEndpoint(.host("10.0.0.1", port: 7001), announcedName: "a.example"))
        // Not told: the host that was asked.
        for nothing in [bulk(""), "$-1\r\n"] {
            #expect(try endpoint("*3\r\n\(nothing):7001\r\n\(id)") == RedisEndpoint(.host("10.0.0.9", port: 7001)))
        }
        let address = "*2\r\n\(bulk("ip"))\(bulk("10.0.0.1"))"
        #expect(try endpoint("*4\r\n\(bulk("?")):7001\r\n\(id)\(address)") == plain)
        #expect(try endpoint("*3\r\n\(bulk("?")):7001\r\n\(id)") == nil)
    }

    @Test(
        "D7 What is no answer of a node is refused",
        arguments: [
            "+OK\r\n", "*1\r\n+x\r\n", "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\na\r\n:1\r\n",
            "*1\r\n*3\r\n:5\r\n:4\r\n*2\r\n$1\r\na\r\n:1\r\n", "*1\r\n*3\r\n:-1\r\n:4\r\n*2\r\n$1\r\na\r\n:1\r\n",
            "*1\r\n*3\r\n:0\r\n:4\r\n*2\r\n$1\r\na\r\n:70000\r\n", "*1\r\n*2\r\n:0\r\n:4\r\n",
            "-ERR This instance has cluster support disabled\r\n",
        ])
    func refused(text: String) throws {
        let replies = try replies(text + "+x\r\n")
        #expect(throws: RedisError.self) {
            try ClusterQuestion.view(replies, asked: asked) { RedisEndpoint($0, announcedName: $1) }
        }
    }

    @Test("D7 Redirections are read, and nothing else is")
    func redirections() throws {
        func read(_ text: String) throws -> Redirection? { Redirection(try replies("-\(text)\r\n").reply) }
        let moved = try #require(try read("MOVED 3999 127.0.0.1:6381"))
        #expect(moved.slot.number == 3_999 && moved.host == "127.0.0.1" && moved.port == 6_381)
        #expect(try read("ASK 0 ::1:6381")?.host == "::1")
        #expect(try read("MOVED 1 :6381")?.host == "")
        for text in [
            "MOVED", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h", "MOVED 1 h:0", "ERR 1 h:1", "ASK 1 h:65536",
        ] {
            #expect(try read(text) == nil, "\(text)")
        }
    }
}
