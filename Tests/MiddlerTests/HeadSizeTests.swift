import Middler
import SessTestSupport
import Testing

/// Heads and trailers of more blanks than a connection may keep.
@Suite struct HeadSizeTests {
    private static let blanks = String(repeating: " ", count: 4 << 20)
    private static let chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"

    static let requests = [
        ("a field's value", "GET / HTTP/1.1\r\nHost: a\r\nX:\(blanks)y\r\n\r\n"),
        ("a value, as tabs", "GET / HTTP/1.1\r\nHost: a\r\nX:\(blanks.map { _ in "\t" }.joined())y\r\n\r\n"),
        ("the Host", "GET / HTTP/1.1\r\nHost:\(blanks)a\r\n\r\n"),
        ("the length", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length:\(blanks)1\r\n\r\na"),
        ("the coding", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\(blanks)chunked\r\n\r\n0\r\n\r\n"),
        ("the version", "GET /\(blanks)HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a trailer's value", "\(chunked)X:\(blanks)y\r\n\r\n"),
    ]

    @Test("R5 Blanks count as the rest of a head does", arguments: requests.map(\.0))
    func blanksBefore(_ name: String) async throws {
        let request = try #require(Self.requests.first { $0.0 == name }).1
        try await withServer(ConformanceChain.make()) { port, _ in
            let received = try await RawSocket.exchange(port: port, Array(request.utf8))
            #expect(RawResponse.parse(received).map(\.status) == [431])
        }
    }

    @Test("R5 A head within its limit is served, however it is cut")
    func withinLimit() async throws {
        let fields = (0..<3).map { "X-\($0): \(String(repeating: "y", count: 10_000))\r\n" }.joined()
        let head = Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
        let body = [UInt8](repeating: 0x61, count: 300_000)
        let post = Array("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n".utf8)
        try await withServer(ConformanceChain.make()) { port, _ in
            let pieces = [Array(head[..<29_000]), Array(head[29_000...]), post + body[..<5], Array(body[5...])]
            let received = try await RawSocket.exchange(port: port, pieces: pieces, pause: .milliseconds(20))
            let responses = RawResponse.parse(received)
            #expect(responses.map(\.status) == [200, 200])
            #expect(responses.last?.body.utf8.count == 300_000)
        }
    }
}
