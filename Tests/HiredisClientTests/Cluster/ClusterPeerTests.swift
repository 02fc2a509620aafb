import HiredisClient
import RESP
import RedisTestServer
import Synchronization
import Testing

/// Nodes that misbehave.
@Suite struct ClusterPeerTests {
    /// How often the peers were asked what, and where each of them is.
    private final class Peers: Sendable {
        let ports = Mutex<[Int]>([])
        let counts = Mutex<[String: Int]>([:])

        func count(_ command: String) -> Int { counts.withLock { $0[command, default: 0] } }

        func port(_ index: Int) -> Int { ports.withLock { $0.indices.contains(index) ? $0[index] : 1 } }

        /// Answers as a node does that gives all slots to the first peer.
        func serve(_ connection: PeerConnection, get: @Sendable () -> String) async throws {
            while let command = try await connection.readCommand() {
                let name = command.map { $0.uppercased() }.prefix(2).joined(separator: " ")
                counts.withLock { $0[name, default: 0] += 1 }
                switch name {
                case "CLUSTER SLOTS":
                    try await connection.write(
                        "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:\(port(0))\r\n")
                case "CLUSTER INFO": try await connection.write("$23\r\ncluster_current_epoch:1\r\n")
                case "PING": try await connection.write("+PONG\r\n")
                case "GET K": try await connection.write(get())
                default: try await connection.write("+OK\r\n")
                }
            }
        }
    }

    /// Two peers, of which each answers GET in its own way.
    private func withPeers(
        _ get: @escaping @Sendable (_ index: Int, _ peers: Peers) -> String,
        _ body: (RedisClient, Peers) async throws -> Void
    ) async throws {
        let peers = Peers()
        try await withBytePeer {
            try await peers.serve($0) { get(0, peers) }
        } _: { first in
            try await withBytePeer {
                try await peers.serve($0) { get(1, peers) }
            } _: { second in
                peers.ports.withLock { $0 = [first, second] }
                try await withClient(url: "redis+cluster://127.0.0.1:\(first)") { try await body($0, peers) }
            }
        }
    }

    private func isAnswered(_ client: RedisClient) async -> Bool {
        (try? await client.send(.command("GET", key: "k")).reply.equals("v")) == true
    }

    @Test("D7 A key that two nodes send to one another is followed five times, and is an error then")
    func endless() async throws {
        try await withPeers { index, peers in
            "-MOVED 7629 127.0.0.1:\(peers.port(1 - index))\r\n"
        } _: { client, peers in
            let error = await #expect(throws: RedisError.self) { try await client.send(.command("GET", key: "k")) }
            #expect(error?.code == .notSent)
            #expect(peers.count("GET K") == 6)
        }
    }

    @Test("D7 However many redirections there are, nodes are asked for the slots five times a second at most")
    func storm() async throws {
        try await withPeers { index, peers in
            index == 0 ? "-MOVED 7629 127.0.0.1:\(peers.port(1))\r\n" : "$1\r\nv\r\n"
        } _: { client, peers in
            let begin = ContinuousClock.now
            await withDiscardingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        while ContinuousClock.now < begin + .milliseconds(1_500) {
                            #expect(await isAnswered(client))
                        }
                    }
                }
            }
            let rounds = peers.count("CLUSTER SLOTS")
            let elapsed = ContinuousClock.now - begin
            // One round asks two nodes.
            #expect(rounds >= 4 && rounds <= 2 * Int(elapsed / .milliseconds(200) + 1))
        }
    }

    @Test("D7 A key that is on its way is asked for behind ASKING, and asked for anew the next time")
    func asking() async throws {
        try await withPeers { index, peers in
            index == 0 ? "-ASK 7629 127.0.0.1:\(peers.port(1))\r\n" : "$1\r\nv\r\n"
        } _: { client, peers in
            for count in 1...3 {
                #expect(await isAnswered(client))
                #expect(peers.count("ASKING") == count && peers.count("GET K") == 2 * count)
            }
        }
    }

    @Test("D7 TRYAGAIN is tried again, within the command's time")
    func tryAgain() async throws {
        let refusals = Mutex(3)
        try await withPeers { _, _ in
            refusals.withLock { rest in
                rest -= 1
                return rest >= 0 ? "-TRYAGAIN Multiple keys request during rehashing of slot\r\n" : "$1\r\nv\r\n"
            }
        } _: { client, peers in
            #expect(await isAnswered(client))
            #expect(peers.count("GET K") == 4)
            refusals.withLock { $0 = .max }
            let error = await #expect(throws: RedisError.self) {
                try await client.send(.command("GET", key: "k"), timeout: .milliseconds(300))
            }
            #expect(error?.code == .server(.tryAgain))
        }
    }

    @Test("D7 Nodes that aren't there, and a server that is no node: an error in time that says why")
    func none() async throws {
        try await withRedisServer { server in
            for url in ["redis+cluster://127.0.0.1:1", "redis+cluster://127.0.0.1:\(server.port)"] {
                try await withClient(url: url) {
                    $0.commandTimeout = .milliseconds(700)
                } _: { client in
                    let error = await #expect(throws: RedisError.self) {
                        try await client.send(.command("GET", key: "k"))
                    }
                    #expect(error?.code == .notSent && error?.underlying != nil)
                }
            }
        }
    }
}
