import SessTestSupport
import Testing

@testable import Middler

/// Hosts with ports (RFC 9110 §7.2, RFC 3986 §3.2.2).
@Suite struct HostPortTests {
    @Test(
        "Names, addresses and ports are valid",
        arguments: [
            "a", "a:80", "a:", "a:65535", "a.b-c_d~e", "a%2fb", "127.0.0.1:8080", "[::1]", "[::1]:80", "[2001:db8::1]",
            "a!$&'()*+,;=b",
        ])
    func valid(_ text: String) { #expect(HostPort.isValid(text)) }

    @Test(
        "Texts that name no host and port are not",
        arguments: [
            "", ":80", "a:b", "a:b:c", "a:80:80", "a:65536", "a:-1", "a:+1", "[::1", "::1", "a]b", "[a", "[]", "[zz]",
            "[::1]a",
            "[::1]:x", "[127.0.0.1]", "[fe80::1%25lo]", "[fe80::1%lo]", "%", "%z", "%zz", "a/b", "a b", "a@b", "é",
        ])
    func invalid(_ text: String) { #expect(!HostPort.isValid(text)) }

    @Test("A request whose Host or target names no host is answered by 400", arguments: ["a:b:c", "[::1", "%zz"])
    func refused(_ host: String) async throws {
        try await withServer(ConformanceChain.make()) { port, _ in
            for request in [
                "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n", "GET http://\(host)/ HTTP/1.1\r\nHost: a\r\n\r\n",
            ] {
                let received = try await RawSocket.exchange(port: port, Array(request.utf8))
                #expect(RawResponse.parse(received).map(\.status) == [400])
            }
        }
    }
}
