import HTTPTypes
import Middler
import NIOCore
import SessTestSupport
import Synchronization
import Testing

/// Bodies that are larger than what a server may keep of them.
@Suite struct StreamingTests {
    private static let size = 64 << 20
    /// What the system's buffers for both ends of a connection may take, with room to spare.
    private static let ahead = 40 << 20

    @Test("A response goes no faster than its client reads")
    func response() async throws {
        let written = Atomic(0)
        let chain = HandlerChain().get("/large") { _ in
            Response(
                body: .stream(length: Self.size) { writer in
                    for _ in 0..<(Self.size >> 20) {
                        try await writer.write(ByteBuffer(repeating: 0x61, count: 1 << 20))
                        written.add(1 << 20, ordering: .relaxed)
                    }
                })
        }
        try await withServer(chain) { port, _ in
            let request = Array("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
            let aheadOfReading = Mutex(0)
            let received = try await RawSocket.exchange(
                port: port, pieces: [request, []], pause: .milliseconds(500),
                onSent: { count in
                    if count == 0 { aheadOfReading.withLock { $0 = written.load(ordering: .relaxed) } }
                })
            #expect(aheadOfReading.withLock { $0 } < Self.ahead)
            let body = received[(received.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? 0)...]
            #expect(body.count == Self.size)
            let isSame = ByteBuffer(bytes: body) == ByteBuffer(repeating: 0x61, count: Self.size)
            #expect(isSame)
        }
    }

    @Test("A request's body comes no faster than its handler reads, and what comes is whole")
    func request() async throws {
        let sent = Atomic(0)
        let aheadOfReading = Mutex(0)
        let chain = HandlerChain().post("/large") { request in
            try await Task.sleep(for: .milliseconds(500))
            aheadOfReading.withLock { $0 = sent.load(ordering: .relaxed) }
            var count = 0
            for try await part in request.body {
                guard part == ByteBuffer(repeating: 0x61, count: part.readableBytes) else {
                    throw HTTPError(.badRequest)
                }
                count += part.readableBytes
            }
            return "\(count)"
        }
        try await withServer(chain, configure: { $0.maximumBodySize = Self.size }) { port, _ in
            let head = "POST /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(Self.size)\r\n\r\n"
            let piece = Array(repeating: UInt8(0x61), count: 1 << 20)
            let received = try await RawSocket.exchange(
                port: port, pieces: [Array(head.utf8)] + Array(repeating: piece, count: Self.size >> 20), pause: .zero,
                onSent: { sent.add($0, ordering: .relaxed) })
            #expect(aheadOfReading.withLock { $0 } < Self.ahead)
            #expect(RawResponse.parse(received).map(\.body) == ["\(Self.size)"])
        }
    }

    @Test("Bytes go through a handler while both sides are sending")
    func pipe() async throws {
        try await withServer(ConformanceChain.make(), configure: { $0.maximumBodySize = 64 << 20 }) { port, _ in
            let head = "POST /pipe HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            // As much as the client may send without reading: more would wait for a reader that isn't there yet.
            let body = Array(repeating: UInt8(0x61), count: 1 << 16)
            let chunk = Array("10000\r\n".utf8) + body + Array("\r\n".utf8)
            let received = try await RawSocket.exchange(
                port: port, pieces: [Array(head.utf8)] + Array(repeating: chunk, count: 20) + [Array("0\r\n\r\n".utf8)],
                pause: .milliseconds(2))
            #expect(RawResponse.parse(received).map(\.body.utf8.count) == [20 << 16])
        }
    }

    @Test("A body and a writer that are used from another executor, and after the request is over")
    func elsewhere() async throws {
        let kept = Mutex<(body: RequestBody, writer: (any ResponseWriter)?)?>(nil)
        let chain = HandlerChain().post("/elsewhere") { request in
            kept.withLock { $0 = (request.body, nil) }
            let body = try await Task.detached { try await request.body.collect(upTo: 100) }.value
            return Response(
                body: .stream { writer in
                    kept.withLock { $0?.writer = writer }
                    try await Task.detached { try await writer.write(body) }.value
                })
        }
        try await withServer(chain) { port, _ in
            let client = TestHTTPClient()
            let response = try await client.send(.post("/elsewhere", json: "{}"), to: port)
            #expect(response.text == "{}")
            let (body, writer) = try #require(kept.withLock { $0 })
            #expect(try await client.send(.post("/elsewhere", json: "[1]"), to: port).text == "[1]")
            await #expect(throws: HTTPError.self) { try await body.collect(upTo: 100) }
            await #expect(throws: ConnectionError(code: .responseEnded)) { try await writer?.write("late") }
            await client.closeIdle()
        }
    }
}
