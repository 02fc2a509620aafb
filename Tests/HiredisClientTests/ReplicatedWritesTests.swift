import HiredisClient
import RESP
import RedisTestServer
import Testing

/// Writes that replicas are to confirm, with a server that says when.
@Suite struct ReplicatedWritesTests {
    /// Answers a connection's commands, and WAIT as `wait` says.
    private func serve(
        _ connection: PeerConnection, write: String = "+OK\r\n", wait: (PeerConnection) async throws -> Void
    ) async throws {
        while let command = try await connection.readCommand() {
            switch command[0] {
            case "PING": try await connection.write("+PONG\r\n")
            case "SET": try await connection.write(write)
            case "WAIT": try await wait(connection)
            default: try await connection.write("+OK\r\n")
            }
        }
    }

    private func withClient<Result>(
        port: Int, _ configure: (inout RedisConfiguration) -> Void = { _ in },
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        try await HiredisClientTests.withClient(url: "redis://127.0.0.1:\(port)") {
            $0.durability = .replicated(within: .seconds(10))
            configure(&$0)
        } _: {
            try await body($0)
        }
    }

    private func isConfirmed(_ client: RedisClient, _ value: String = "1") async throws -> Bool {
        try await client.send(.command("SET", key: "k", value), lane: .confirmed).isConfirmed
    }

    @Test("D12 What is confirmed on one connection says nothing of a write on another")
    func connections() async throws {
        try await withBytePeer { connection in
            // More than was asked for closes the connection, before WAIT is sent on it.
            try await serve(connection, write: connection.index == 0 ? "+OK\r\n+OK\r\n" : "+OK\r\n") {
                try await $0.write(":1\r\n")
            }
        } _: { port in
            try await withClient(port: port) {
                $0.maximumInFlight = 1
            } _: { client in
                let (first, second) = (try await isConfirmed(client), try await isConfirmed(client))
                #expect(!first && second)
            }
        }
    }

    @Test("D12 Where more replicas are asked about on another connection, nothing is confirmed")
    func askedAgain() async throws {
        try await withBytePeer { connection in
            try await serve(connection) {
                // With the answer to the ROLE that comes behind: another replica is there.
                let role = "*3\r\n$6\r\nmaster\r\n:0\r\n*2\r\n:1\r\n:2\r\n"
                try await $0.write($0.index == 0 ? ":1\r\n\(role)+OK\r\n" : ":2\r\n")
            }
        } _: { port in
            try await withClient(port: port) { client in
                let (first, second) = (try await isConfirmed(client), try await isConfirmed(client))
                #expect(!first && second)
            }
        }
    }

    @Test("What waits for the replicas to be asked is bounded by bytes, too")
    func bytes() async throws {
        let (isAsked, mayAnswer) = (Latch(), Latch())
        try await withBytePeer { connection in
            try await serve(connection) { connection in
                isAsked.set()
                try await waitUntil { mayAnswer.isSet }
                try await connection.write(":1\r\n")
            }
        } _: { port in
            try await withClient(port: port) {
                $0.maximumWaitingBytes = 1_000
            } _: { client in
                async let first = isConfirmed(client)
                try await waitUntil { isAsked.isSet }
                let refused = await withTaskGroup(of: RedisError.Code?.self) { group in
                    for _ in 0..<3 {
                        group.addTask { await refusal(client) }
                    }
                    // The one that is gathered has to wait.
                    let refused = [await group.next() ?? nil, await group.next() ?? nil]
                    mayAnswer.set()
                    #expect(await group.next() == .some(nil))
                    return refused
                }
                #expect(refused == [.overloaded, .overloaded])
                let isConfirmed = try await first
                #expect(isConfirmed)
            }
        }
    }

    /// The code with which a write of 700 bytes is refused.
    private func refusal(_ client: RedisClient) async -> RedisError.Code? {
        do {
            _ = try await isConfirmed(client, String(repeating: "x", count: 700))
            return nil
        } catch {
            return (error as? RedisError)?.code
        }
    }
}
