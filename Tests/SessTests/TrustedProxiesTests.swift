import HTTPTypes
import Testing

@testable import Sess

@Suite("Trusted proxies")
struct TrustedProxiesTests {
    @Test(
        "Blocks of addresses hold what CIDR says",
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false), ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false), ("192.168.4.0/22", "192.168.7.255", true),
            ("192.168.4.0/22", "192.168.8.0", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("::1", "::1", true), ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe80::1", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::ffff:10.0.0.0/104", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0/104", "11.0.0.1", false),
            ("::ffff:0:0/96", "8.8.8.8", true), ("::ffff:10.0.0.1", "10.0.0.1", true),
            ("::ffff:10.0.0.1", "10.0.0.2", false), ("::/0", "10.0.0.1", false), ("::/0", "2001:db8::1", true),
            ("10.0.0.1", "10.0.0.1\0junk", false), ("::1", "::1\0junk", false),
            ("fe80::/10", "fe80::1%eth0", true), ("10.0.0.0/8", "", false), ("10.0.0.0/8", "nonsense", false),
        ]
    )
    func contains(_ block: String, _ address: String, _ expected: Bool) throws {
        guard let proxies = try? TrustedProxies([block]) else {
            #expect(!expected)
            return
        }
        #expect(proxies.contains(address) == expected)
    }

    @Test(
        "What is no block is refused by name",
        arguments: [
            "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "x", "10.0.0.0/8/8", "::1/129", "10.0.0.0/", "/8",
            "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/ 8", "10.0.0.0/\u{664}", "10.0.0.1\0junk", "10.0.0.0/8\0",
            "::1\0/8",
            "::ffff:127.0.0.0/8", "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/129",
        ]
    )
    func refused(_ block: String) {
        let error = #expect(throws: SessionError.self) { try TrustedProxies(["127.0.0.1", block]) }
        #expect(error?.message.contains("'\(block)'") == true)
    }

    @Test("The prefix of a mapped block counts the bits before the IPv4 address, and a refusal says so")
    func mappedBlocks() throws {
        let error = #expect(throws: SessionError.self) { try TrustedProxies(["::ffff:127.0.0.0/8"]) }
        #expect(error?.message.contains("96 to 128") == true)
    }

    @Test("E6 Where both fields are there they have to agree: a client may have written the one its proxy passes")
    func bothFields() throws {
        for (forwarded, proto, expected) in [
            ("proto=https", "https", true), ("proto=https", "http", false), ("proto=http", "https", false),
            ("proto=wss", "https", true), ("proto=https", "ws", false), ("for=192.0.2.1", "https", true),
            ("for=192.0.2.1", "http", false), ("proto=", "https", true), ("for=\"x", "https", false),
            ("for=1.2.3.4;host=h;proto=https;proto-version=", "https", true), ("proto=https", "", false),
            ("proto=http, for=10.0.0.9", "https", false), ("proto=https, for=9.9.9.9", "https", true),
            ("for=9.9.9.9", "", false),
        ] {
            var fields = HTTPFields()
            fields[try #require(HTTPField.Name("Forwarded"))] = forwarded
            fields[try #require(HTTPField.Name("X-Forwarded-Proto"))] = proto
            let request = SessionRequest(headerFields: fields, path: "/", isSecure: false, remoteAddress: "10.0.0.1")
            #expect(request.isSecure(trusting: try TrustedProxies(["10.0.0.0/8"])) == expected)
        }
    }

    @Test("An address in brackets is told from its port; several fields are one list")
    func addresses() throws {
        let header = try #require(
            ForwardedHeader(["for=\"[2001:db8::1]:80\";proto=https", "for=192.0.2.1:9, for=_x;by=y"]))
        #expect(header.elements.map(\.address) == ["2001:db8::1", "192.0.2.1", "_x"])
        #expect(header.elements.map(\.scheme) == ["https", nil, nil])
    }

    struct Case: Sendable {
        var field: String
        var value: String
        var from: String?
        var isSecure: Bool
    }

    @Test(
        "S10 TLS before a proxy counts only where a trusted one says so",
        arguments: [
            Case(field: "X-Forwarded-Proto", value: "https", from: "10.0.0.1", isSecure: true),
            Case(field: "X-Forwarded-Proto", value: "HTTPS", from: "10.0.0.1", isSecure: true),
            Case(field: "X-Forwarded-Proto", value: "http", from: "10.0.0.1", isSecure: false),
            Case(field: "X-Forwarded-Proto", value: "https", from: "11.0.0.1", isSecure: false),
            Case(field: "X-Forwarded-Proto", value: "https", from: nil, isSecure: false),
            Case(field: "X-Forwarded-Proto", value: "https, http", from: "10.0.0.1", isSecure: false),
            Case(field: "X-Forwarded-Proto", value: "http, https", from: "10.0.0.1", isSecure: true),
            Case(field: "X-Forwarded-Proto", value: "wss", from: "10.0.0.1", isSecure: true),
            Case(field: "X-Forwarded-Proto", value: "WSS", from: "10.0.0.1", isSecure: true),
            Case(field: "X-Forwarded-Proto", value: "ws", from: "10.0.0.1", isSecure: false),
            Case(field: "X-Forwarded-Proto", value: "", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "for=1.2.3.4;proto=wss", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "for=1.2.3.4;proto=ws", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "proto=https;proto-version=", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "proto=https;secret=abc==", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "proto=https;secure", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "secure;=x;proto=https", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "proto=https=", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "proto", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "for=192.0.2.1", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "a=b\"c,proto=https\"", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "for=1.2.3.4;proto=https;by=x", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "proto=https, proto=http", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "Proto=\"https\"", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "for=\"proto=https\"", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "proto=https", from: "9.9.9.9", isSecure: false),
            Case(field: "Forwarded", value: "host=\"a,proto=https;x=\";proto=http", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "host=\"a\\\",proto=https\"", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "host=\"a, proto=https", from: "10.0.0.1", isSecure: false),
            Case(field: "Forwarded", value: "proto=https;;for=x", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "proto=https, ", from: "10.0.0.1", isSecure: true),
            Case(field: "Forwarded", value: "proto=https x", from: "10.0.0.1", isSecure: false),
            Case(
                field: "Forwarded", value: "for=8.8.8.8;proto=https, for=10.0.0.9;proto=http", from: "10.0.0.1",
                isSecure: true),
            Case(
                field: "Forwarded", value: "for=8.8.8.8;proto=https, for=\"10.0.0.9:80\";proto=http", from: "10.0.0.1",
                isSecure: true),
            Case(
                field: "Forwarded", value: "for=8.8.8.8;proto=https, for=9.9.9.9;proto=http", from: "10.0.0.1",
                isSecure: false),
            Case(field: "Forwarded", value: "proto=https, for=unknown;proto=http", from: "10.0.0.1", isSecure: false),
            Case(
                field: "Forwarded", value: "for=8.8.8.8;proto=http, for=10.0.0.9;proto=https", from: "10.0.0.1",
                isSecure: false),
        ]
    )
    func forwarded(_ example: Case) throws {
        var fields = HTTPFields()
        fields[try #require(HTTPField.Name(example.field))] = example.value
        let request = SessionRequest(headerFields: fields, path: "/", isSecure: false, remoteAddress: example.from)
        #expect(request.isSecure(trusting: try TrustedProxies(["10.0.0.0/8"])) == example.isSecure)
        #expect(!request.isSecure(trusting: .none))
    }
}
