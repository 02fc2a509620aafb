import Middler
import SessTestSupport
import Testing

/// What goes in over a raw socket, what comes out, and whether the connection serves on.
@Suite struct ConformanceTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: String
        /// The statuses of the responses, and the bodies of some.
        var statuses: [Int]
        var isKept: Bool
        var bodies: [String] = []
        var methods: [String] = []
        var testDescription: String { name }

        init(
            _ name: String, _ bytes: String, _ statuses: [Int], kept: Bool, bodies: [String] = [],
            methods: [String] = []
        ) {
            self.name = name
            self.bytes = bytes
            self.statuses = statuses
            self.isKept = kept
            self.bodies = bodies
            self.methods = methods
        }
    }

    private static let host = "Host: a\r\n"
    private static let probe = "GET /probe HTTP/1.1\r\nHost: a\r\n\r\n"
    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\n\(host)\(fields)\r\n"
    }
    private static func post(_ fields: String, _ body: String, path: String = "/echo") -> String {
        "POST \(path) HTTP/1.1\r\n\(host)\(fields)\r\n\(body)"
    }
    private static let smuggled = "GET /probe HTTP/1.1\r\nHost: smuggled\r\n\r\n"
    private static let chunked = "Transfer-Encoding: chunked\r\n"

    static let rows: [Row] = [
        // Persistence (RFC 9112 §9.3).
        Row("HTTP/1.1", get("/"), [200], kept: true, bodies: ["root"]),
        Row("Connection: close", get("/", "Connection: close\r\n"), [200], kept: false),
        Row("Connection: Close, x", get("/", "Connection: x, Close\r\n"), [200], kept: false),
        Row("the handler closes", get("/close"), [200], kept: false),
        Row("the handler closes, in a list", get("/close-in-list"), [200], kept: false),
        Row("the handler names another option", get("/option"), [200], kept: true),
        Row("HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", [200], kept: false),
        Row("HTTP/1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [200], kept: true),
        Row("empty lines before a request", "\r\n\r\n" + get("/"), [200], kept: true),
        Row(
            "pipelined", get("/") + get("/missing") + get("/chunked"), [200, 404, 200], kept: true,
            bodies: ["root", "Not Found", "first second"]),
        Row("50 pipelined", String(repeating: get("/"), count: 50), Array(repeating: 200, count: 50), kept: true),
        Row(
            "pipelined with bodies", post("Content-Length: 3\r\n", "abc") + post(chunked, "3\r\ndef\r\n0\r\n\r\n"),
            [200, 200], kept: true, bodies: ["abc", "def"]),
        Row("pipelined, the second malformed", get("/") + "NONSENSE\r\n\r\n", [200, 400], kept: false),
        Row("pipelined behind Connection: close", get("/", "Connection: close\r\n") + get("/"), [200], kept: false),

        // Responses.
        Row("a body of unknown length", get("/chunked"), [200], kept: true, bodies: ["first second"]),
        Row(
            "the same for HTTP/1.0", "GET /chunked HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [200], kept: false,
            bodies: ["first second"]),
        Row("a body of known length", get("/known"), [200], kept: true, bodies: ["known"]),
        Row("no content", get("/empty"), [204], kept: true),
        Row("reset content, with a body", get("/reset"), [205], kept: true, bodies: [""]),
        Row("reset content, with a stream", get("/reset-stream"), [205], kept: true, bodies: [""]),
        Row("a handler's own framing is ignored", get("/lies"), [200], kept: true, bodies: ["truth"]),
        Row("HEAD", "HEAD / HTTP/1.1\r\n\(host)\r\n", [200], kept: true, methods: ["HEAD"]),
        Row("HEAD of a stream", "HEAD /chunked HTTP/1.1\r\n\(host)\r\n", [200], kept: true, methods: ["HEAD"]),
        Row("HEAD of a known length", "HEAD /known HTTP/1.1\r\n\(host)\r\n", [200], kept: true, methods: ["HEAD"]),
        Row("HEAD of nothing", "HEAD /missing HTTP/1.1\r\n\(host)\r\n", [404], kept: true, methods: ["HEAD"]),

        // Bodies.
        Row("Content-Length", post("Content-Length: 3\r\n", "abc"), [200], kept: true, bodies: ["abc"]),
        Row("Content-Length: 0", post("Content-Length: 0\r\n", ""), [200], kept: true, bodies: [""]),
        Row("no length, no body", post("", ""), [200], kept: true, bodies: [""]),
        Row(
            "chunked", post(chunked, "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"), [200], kept: true,
            bodies: ["abc0123456789"]),
        Row(
            "chunked, with extensions and trailers",
            post(chunked, "3;a=b;c=\"d\"\r\nabc\r\n0;last\r\nX-Sum: 1\r\n\r\n"), [200], kept: true, bodies: ["abc"]),
        Row(
            "chunked, in capitals", post("transfer-encoding: Chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), [200], kept: true,
            bodies: ["abc"]),
        Row(
            "chunked there and back", post(chunked, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", path: "/pipe"), [200],
            kept: true, bodies: ["abcde"]),
        Row("a body that nobody reads", post("Content-Length: 3\r\n", "abc", path: "/ignore"), [200], kept: true),
        Row(
            "a body on a path that isn't there", post("Content-Length: 3\r\n", "abc", path: "/missing"), [404],
            kept: true),
        Row("a body with GET", get("/", "Content-Length: 3\r\n") + "abc", [200], kept: true),
        Row("chunks that nobody reads", post(chunked, "3\r\nabc\r\n0\r\n\r\n", path: "/ignore"), [200], kept: true),
        Row(
            "a long body that nobody reads",
            post("Content-Length: 900000\r\n", String(repeating: "x", count: 900_000), path: "/ignore"), [200],
            kept: false),

        // Limits.
        Row("Content-Length beyond the limit", post("Content-Length: 1000001\r\n", "abc"), [413], kept: false),
        Row(
            "Content-Length beyond all numbers", post("Content-Length: 99999999999999999999999\r\n", "abc"), [400],
            kept: false),
        Row(
            "chunks beyond the limit",
            post(chunked, String(repeating: "F000\r\n\(String(repeating: "x", count: 0xF000))\r\n", count: 17)), [413],
            kept: false),
        Row(
            "a chunk's announced size beyond the limit",
            post(chunked, "FFFFFFF\r\n") + String(repeating: "x", count: 1_100_000),
            [413], kept: false),
        Row("a chunk's size beyond all numbers", post(chunked, "FFFFFFFFFFFFFFFFFF\r\nabc\r\n"), [400], kept: false),
        Row("a large field", get("/", "X: \(String(repeating: "x", count: 4096))\r\n"), [431], kept: false),
        Row("many fields", get("/", (0..<60).map { "X\($0): y\r\n" }.joined()), [431], kept: false),
        Row(
            "much of all", get("/", (0..<20).map { "X\($0): \(String(repeating: "y", count: 500))\r\n" }.joined()),
            [431], kept: false),
        Row("a long target", get("/" + String(repeating: "x", count: 4096)), [431], kept: false),
        Row("a long method", String(repeating: "G", count: 4096), [400], kept: false),
        Row(
            "large trailers",
            post(chunked, "1\r\na\r\n0\r\nX: \(String(repeating: "x", count: 4096))\r\n\r\n"), [431], kept: false),

        // Malformed requests.
        Row("nonsense", "NONSENSE\r\n\r\n", [400], kept: false),
        Row("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", [400], kept: false),
        Row("an unknown method", "WHAT / HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("a method in small letters", "get / HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("no target", "GET HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("a target without a slash", "GET probe HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("a blank in the target", "GET /a b HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("a target beyond ASCII", "GET /é HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("a fragment in the target", "GET /#a HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("no version", "GET /\r\n\(host)\r\n", [400], kept: false),
        Row("half a version", "GET / HTTP/2\r\n\(host)\r\n", [400], kept: false),
        Row("a version of too many digits", "GET / HTTP/1.10\r\n\(host)\r\n", [400], kept: false),
        Row("HTTP/2.0", "GET / HTTP/2.0\r\n\(host)\r\n", [505], kept: false),
        Row("HTTP/1.7", "GET / HTTP/1.7\r\n\(host)\r\n", [505], kept: false),
        Row("HTTP/0.9", "GET / HTTP/0.9\r\n\(host)\r\n", [505], kept: false),
        Row("HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505], kept: false),
        Row(
            "HTTP/2's preface behind a request", get("/") + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [200, 505], kept: false),
        Row("no Host", "GET / HTTP/1.1\r\n\r\n", [400], kept: false),
        Row("two Hosts", get("/", "Host: b\r\n"), [400], kept: false),
        Row("a Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", [400], kept: false),
        Row("an empty Host", "GET /target HTTP/1.1\r\nHost:\r\n\r\n", [200], kept: true, bodies: [" /target"]),
        Row("a field without a colon", get("/", "Nonsense\r\n"), [400], kept: false),
        Row("a field without a name", get("/", ": x\r\n"), [400], kept: false),
        Row("a blank before the colon", get("/", "X : y\r\n"), [400], kept: false),
        Row("a name with a blank", get("/", "X Y: z\r\n"), [400], kept: false),
        Row("a folded field", get("/", "X: a\r\n b\r\n"), [400], kept: false),
        Row("NUL in a field", get("/", "X: a\0b\r\n"), [400], kept: false),
        Row("NUL in a name", get("/", "X\0Y: a\r\n"), [400], kept: false),
        Row("CR in a field", get("/", "X: a\rb\r\n"), [400], kept: false),
        Row("a control character in a field", get("/", "X: a\u{1}b\r\n"), [400], kept: false),
        Row("bytes beyond ASCII in a field", get("/", "X: é\r\n"), [200], kept: true),
        // A recipient may take a single LF for a line's end (RFC 9112 §2.2). This one does not.
        Row("a request line without CR", "GET / HTTP/1.1\n\(host)\r\n", [400], kept: false),
        Row("a request line without CR, then HTTP/2.0", "GET / HTTP/1.1\nVia: HTTP/2.0 b\r\n\r\n", [400], kept: false),
        Row("a request line of HTTP/1.0 without CR", "GET / HTTP/1.0\n\r\n", [400], kept: false),
        Row("a request line without CR behind a request", get("/") + "GET / HTTP/1.1\n\r\n", [200, 400], kept: false),
        Row("HTTP/2.0 behind a request", get("/") + "GET / HTTP/2.0\r\n\r\n", [200, 505], kept: false),
        Row("a request line without a version and CR", "GET /\n\(host)\r\n", [400], kept: false),
        Row("a field line without CR", "GET / HTTP/1.1\r\nHost: a\n\r\n", [400], kept: false),
        Row("an empty line without CR", "GET / HTTP/1.1\r\n\(host)\n", [400], kept: false),
        Row("an empty line without CR before a request", "\n" + get("/"), [200], kept: true),
        Row("a request without any CR", "GET / HTTP/1.1\nHost: a\n\n", [400], kept: false),
        Row("a chunk without CR at its end", post(chunked, "3\r\nabc\n0\r\n\r\n\(smuggled)"), [400], kept: false),
        Row("trailers without CR", post(chunked, "1\r\na\r\n0\r\nX: y\n\r\n\(smuggled)"), [400], kept: false),
        Row("a malformed chunk size", post(chunked, "xyz\r\nabc\r\n0\r\n\r\n"), [400], kept: false),
        Row("a negative chunk size", post(chunked, "-3\r\nabc\r\n0\r\n\r\n"), [400], kept: false),
        Row("a chunk longer than its size", post(chunked, "2\r\nabc\r\n0\r\n\r\n"), [400], kept: false),
        Row("a negative Content-Length", post("Content-Length: -3\r\n", "abc"), [400], kept: false),
        Row("a Content-Length with a sign", post("Content-Length: +3\r\n", "abc"), [400], kept: false),
        Row("a hexadecimal Content-Length", post("Content-Length: 0x3\r\n", "abc"), [400], kept: false),

        // Blanks around a value are no part of it (RFC 9112 §5.1).
        Row("blanks behind a value", get("/", "X: y \r\nAccept: z\t \r\n"), [200], kept: true, bodies: ["root"]),
        Row("a value of blanks", get("/", "X:  \t \r\n"), [200], kept: true, bodies: ["root"]),
        Row(
            "a Host with blanks behind it", "GET /target HTTP/1.1\r\nHost: b \r\n\r\n", [200], kept: true,
            bodies: ["b /target"]),
        Row("Connection: close with a blank behind it", get("/", "Connection: close \r\n"), [200], kept: false),
        Row(
            "a length with a blank behind it", post("Content-Length: 3 \r\n", "abc"), [200], kept: true, bodies: ["abc"]
        ),
        Row(
            "chunked with a blank behind it", post("Transfer-Encoding: chunked \r\n", "3\r\nabc\r\n0\r\n\r\n"), [200],
            kept: true, bodies: ["abc"]),
        Row(
            "two lengths with blanks", post("Content-Length: 3 \r\nContent-Length: 3\r\n", "abc" + smuggled), [400],
            kept: false),

        // Smuggling (RFC 9112 §11.2): nobody may take the rest for a request.
        Row("TE and CL", post("Content-Length: 4\r\n\(chunked)", "0\r\n\r\n\(smuggled)"), [400], kept: false),
        Row("CL and TE", post("\(chunked)Content-Length: 4\r\n", "0\r\n\r\n\(smuggled)"), [400], kept: false),
        Row("two lengths", post("Content-Length: 0\r\nContent-Length: 33\r\n", smuggled), [400], kept: false),
        Row(
            "two equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc" + smuggled), [400],
            kept: false),
        Row("a list of lengths", post("Content-Length: 3, 3\r\n", "abc" + smuggled), [400], kept: false),
        Row("an unknown TE", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n\(smuggled)"), [501], kept: false),
        Row(
            "chunked not last", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n\(smuggled)"), [400],
            kept: false),
        Row(
            "compressed chunks", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n\(smuggled)"), [501],
            kept: false),
        Row("two TEs", post("\(chunked)\(chunked)", "0\r\n\r\n\(smuggled)"), [400], kept: false),
        Row("TE with a tab", post("Transfer-Encoding:\u{B}chunked\r\n", "0\r\n\r\n\(smuggled)"), [400], kept: false),
        Row(
            "TE in HTTP/1.0",
            "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\n\(chunked)\r\n0\r\n\r\n\(smuggled)", [400], kept: false),
        Row("a bare LF in a chunk's line", post(chunked, "3\nabc\r\n0\r\n\r\n\(smuggled)"), [400], kept: false),

        // Targets, protocols, expectations.
        Row(
            "a target in absolute form", "GET http://b:1/target?x HTTP/1.1\r\n\(host)\r\n", [200], kept: true,
            bodies: ["b:1 /target?x"]),
        Row("a target of a host alone", "GET http://b HTTP/1.1\r\n\(host)\r\n", [200], kept: true, bodies: ["root"]),
        Row("a target of another scheme", "GET ftp://b/ HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("OPTIONS *", "OPTIONS * HTTP/1.1\r\n\(host)\r\n", [404], kept: true),
        Row("GET *", "GET * HTTP/1.1\r\n\(host)\r\n", [400], kept: false),
        Row("CONNECT", "CONNECT b:443 HTTP/1.1\r\n\(host)\r\n", [501], kept: false),
        Row("an upgrade is declined", get("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), [200], kept: false),
        Row("an unknown expectation", post("Expect: magic\r\nContent-Length: 3\r\n", "abc"), [417], kept: false),
        Row(
            "100-continue that nobody waits for", post("Expect: 100-continue\r\nContent-Length: 0\r\n", ""), [200],
            kept: true),
    ]

    @Test("Raw requests: the responses, and whether the connection is kept", arguments: rows)
    func table(_ row: Row) async throws {
        try await withServer(ConformanceChain.make(), configure: Self.limits) { port, _ in
            let received = try await RawSocket.exchange(port: port, Array((row.bytes + Self.probe).utf8)) {
                String(decoding: $0.suffix(5), as: UTF8.self) == "probe"
            }
            var responses = RawResponse.parse(received, methods: row.methods)
            let answered = RawResponse(status: 200, headers: [], body: "probe")
            let isKept = responses.last == answered && responses.count > row.statuses.count
            if isKept { responses.removeLast() }
            #expect(responses.map(\.status) == row.statuses, "\(responses)")
            #expect(isKept == row.isKept, "\(responses)")
            for (response, body) in zip(responses, row.bodies) { #expect(response.body == body) }
            if !isKept { #expect(responses.last?["connection"] == "close") }
            for response in responses where response.status != 100 {
                #expect(response["date"]?.hasSuffix("GMT") == true)
            }
        }
    }

    @Test("A request cut in two at any byte, or sent byte by byte, is the same request")
    func split() async throws {
        let request = Array(
            Self.post("Content-Type: text/plain\r\n\(Self.chunked)", "3;x\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n").utf8)
        let probe = Array(Self.probe.utf8)
        try await withServer(ConformanceChain.make()) { port, _ in
            let pieces = (1..<request.count).map { [Array(request[..<$0]), request[$0...] + probe] }
            let all = pieces + [(request + probe).map { [$0] }]
            let answers = try await concurrently(all.count, width: 8) { index in
                try await RawSocket.exchange(
                    port: port, pieces: all[index], pause: all[index].count == 2 ? .milliseconds(3) : .zero,
                    isEnough: { String(decoding: $0.suffix(5), as: UTF8.self) == "probe" }
                )
            }
            for answer in answers {
                #expect(RawResponse.parse(answer).map(\.body) == ["abcde", "probe"])
            }
        }
    }

    @Test(
        "A body that isn't what was said, or breaks off, closes the connection without an end",
        arguments: [
            "/short", "/long", "/broken",
        ])
    func brokenStreams(_ path: String) async throws {
        try await withServer(ConformanceChain.make()) { port, _ in
            let received = try await RawSocket.exchange(port: port, Array((Self.get(path) + Self.probe).utf8))
            #expect(RawResponse.parse(received).map(\.status) == [-1])
            #expect(!String(decoding: received, as: UTF8.self).contains("0\r\n\r\n"))
        }
    }

    @Test(
        "A connection that is closed while its client sends ends in order, so that the response isn't lost",
        arguments: ["/ignore", "/echo"]
    )
    func orderlyEnd(_ path: String) async throws {
        try await withServer(ConformanceChain.make(), configure: Self.limits) { port, _ in
            let length = path == "/echo" ? 8_000_000 : 900_000
            let head = Self.post("Content-Length: \(length)\r\n", "", path: path)
            let body = [UInt8](repeating: 0x61, count: length)
            let error = try await RawSocket.end(port: port, Array(head.utf8) + body)
            #expect(error == 0)
        }
    }

    static let limits: @Sendable (inout HTTPServer.Configuration) -> Void = { configuration in
        configuration.maximumBodySize = 1_000_000
        configuration.maximumFieldSize = 2048
        configuration.maximumHeadSize = 8192
        configuration.maximumFieldCount = 50
        configuration.lingerTimeout = .milliseconds(500)
    }
}
