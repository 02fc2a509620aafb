import HTTPTypes
import Middler
import NIOCore
import SessTestSupport
import Synchronization
import Testing

/// Clients that take their time.
@Suite struct SlowClientTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var pieces: [String]
        var pause = Duration.zero
        var statuses: [Int]
        var bodies: [String] = []
    }

    private static let head = "POST /echo HTTP/1.1\r\nHost: a\r\n"
    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    // Heads may take 300 ms, bodies 300 ms and a second for each 100 bytes, and a quiet connection lasts 600 ms.
    static let rows = [
        Row(testDescription: "nothing at all", pieces: [], statuses: []),
        Row(testDescription: "nothing after a request", pieces: [get], statuses: [200]),
        Row(testDescription: "half a head", pieces: ["GET / HTTP/1.1\r\nHo"], statuses: [408]),
        Row(testDescription: "an empty line", pieces: ["\r\n"], statuses: []),
        Row(testDescription: "a head after an empty line", pieces: ["\r\n", "G"], statuses: [408]),
        Row(
            testDescription: "empty lines in drops", pieces: Array(repeating: "\r\n", count: 20),
            pause: .milliseconds(50), statuses: []),
        Row(testDescription: "half a head in a request's packet", pieces: [get + "GET /x HT"], statuses: [200, 408]),
        Row(testDescription: "a head's first letter in a request's packet", pieces: [get + "G"], statuses: [200, 408]),
        Row(
            testDescription: "half a head behind a request and empty lines",
            pieces: [get + "\r\n\r\nGET / HTTP/1.1\r\n"],
            statuses: [200, 408]),
        Row(testDescription: "empty lines behind a request", pieces: [get + "\r\n\r\n\r"], statuses: [200]),
        Row(
            testDescription: "half a head behind a body", pieces: [head + "Content-Length: 3\r\n\r\nabcGET /"],
            statuses: [200, 408], bodies: ["abc"]),
        Row(
            testDescription: "half a head behind a body whose head was cut",
            pieces: [head + "Content-Le", "ngth: 3\r\n\r\nabcGET /"], pause: .milliseconds(50), statuses: [200, 408],
            bodies: ["abc"]),
        Row(
            testDescription: "half a head behind a body that nobody reads",
            pieces: ["POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", "abcG"],
            pause: .milliseconds(50), statuses: [200, 408]),
        Row(
            testDescription: "half a head behind chunks",
            pieces: [head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nG"], statuses: [200, 408],
            bodies: ["abc"]),
        Row(
            testDescription: "half a head behind trailers that were cut",
            pieces: [head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r", "\nG"],
            pause: .milliseconds(50), statuses: [200, 408], bodies: ["abc"]),
        Row(
            testDescription: "nothing behind trailers that were cut",
            pieces: [head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r", "\n"],
            pause: .milliseconds(50), statuses: [200], bodies: ["abc"]),
        Row(
            testDescription: "half a head behind a body and a request",
            pieces: [head + "Content-Length: 3\r\n\r\nabc\(get)G"], statuses: [200, 200, 408], bodies: ["abc"]),
        Row(
            testDescription: "an empty line behind a body", pieces: [head + "Content-Length: 3\r\n\r\nabc\r\n"],
            statuses: [200], bodies: ["abc"]),
        Row(
            testDescription: "an empty line behind a body, later",
            pieces: [head + "Content-Length: 3\r\n\r\nabc", "\r\n"], pause: .milliseconds(50), statuses: [200],
            bodies: ["abc"]),
        Row(
            testDescription: "a body that ends as a head begins",
            pieces: [head + "Content-Length: 5\r\n\r\nGET /"], statuses: [200], bodies: ["GET /"]),
        Row(
            testDescription: "half a head after a request", pieces: [get, "GET /"], pause: .milliseconds(50),
            statuses: [200, 408]),
        Row(testDescription: "a head in drops", pieces: get.map { "\($0)" }, pause: .milliseconds(50), statuses: [408]),
        Row(testDescription: "half a body", pieces: [head + "Content-Length: 9\r\n\r\nabc"], statuses: [408]),
        Row(
            testDescription: "half a chunk", pieces: [head + "Transfer-Encoding: chunked\r\n\r\n9\r\nabc"],
            statuses: [408]),
        Row(
            testDescription: "a body in drops",
            pieces: [head + "Content-Length: 99\r\n\r\n"] + Array(repeating: "x", count: 20), pause: .milliseconds(50),
            statuses: [408]),
        Row(
            testDescription: "a slow body that is fast enough",
            pieces: [head + "Content-Length: 200\r\n\r\n"]
                + Array(repeating: String(repeating: "x", count: 20), count: 10),
            pause: .milliseconds(100), statuses: [200], bodies: [String(repeating: "x", count: 200)]),
        Row(
            testDescription: "quiet for a while, then a request", pieces: ["", get], pause: .milliseconds(400),
            statuses: [200]),
        Row(
            testDescription: "100-continue",
            pieces: [head + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", "abc"], pause: .milliseconds(100),
            statuses: [100, 200], bodies: ["", "abc"]),
        Row(
            testDescription: "100-continue, and the body doesn't come",
            pieces: [head + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"], statuses: [100, 408]),
        Row(
            testDescription: "100-continue for a body that nobody reads",
            pieces: ["POST /ignore HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"],
            statuses: [200], bodies: ["ignored"]),
        Row(
            testDescription: "100-continue of HTTP/1.0",
            pieces: ["POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc"],
            statuses: [200], bodies: ["abc"]),
    ]

    @Test("Slow clients: what they are told; the server closes the connection", arguments: rows)
    func table(_ row: Row) async throws {
        try await withServer(ConformanceChain.make(), configure: Self.times) { port, _ in
            let received = try await RawSocket.exchange(
                port: port, pieces: row.pieces.map { Array($0.utf8) }, pause: row.pause)
            let responses = RawResponse.parse(received)
            #expect(responses.map(\.status) == row.statuses, "\(responses)")
            for (response, body) in zip(responses, row.bodies) { #expect(response.body == body) }
            if row.statuses.last == 408 { #expect(responses.last?["connection"] == "close") }
        }
    }

    @Test("A client that doesn't read is cut off, and the handler learns why")
    func doesNotRead() async throws {
        let failure = Mutex<ConnectionError?>(nil)
        let chain = HandlerChain().get("/endless") { _ in
            Response(
                body: .stream { writer in
                    do {
                        while true { try await writer.write(ByteBuffer(repeating: 0x61, count: 1 << 20)) }
                    } catch let error as ConnectionError {
                        failure.withLock { $0 = error }
                        throw error
                    }
                })
        }
        try await withServer(chain, configure: { $0.writeTimeout = .milliseconds(300) }) { port, _ in
            let request = Array("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            let received = try await RawSocket.exchange(port: port, pieces: [request, []], pause: .seconds(1))
            #expect(received.suffix(5) != Array("0\r\n\r\n".utf8)[...])
            try await eventually { failure.withLock { $0 } == ConnectionError(code: .clientTooSlow) }
        }
    }

    static let times: @Sendable (inout HTTPServer.Configuration) -> Void = { configuration in
        configuration.headTimeout = .milliseconds(300)
        configuration.bodyTimeout = .milliseconds(300)
        configuration.minimumBodyRate = 100
        configuration.idleTimeout = .milliseconds(600)
    }
}
