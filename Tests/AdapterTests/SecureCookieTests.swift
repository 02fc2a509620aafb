import SessTestSupport
import Testing

/// The cookie's `Secure` attribute and the proxies that are believed.
@Suite struct SecureCookieTests {
    private static let https = (name: "X-Forwarded-Proto", value: "https")

    @Test(
        "S10 --secure always over plain HTTP: no cookie, nothing saved", arguments: StoreKind.allCases,
        AdapterKind.allCases)
    func plain(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withDemo(over: kind, adapter, ["--secure", "always"]) { demo, server in
            let client = TestHTTPClient()
            for headers in [[], [Self.https]] {
                let written = try await client.send(
                    .post("/session", json: #"{"a":1}"#, headers: headers),
                    to: demo.port
                )
                #expect(written.setCookies.isEmpty)
                #expect(written.status == 200)
                #expect(written.rev == 0, "the answer shows that nothing is stored")
                let read = try await client.send(.get("/session", headers: headers), to: demo.port)
                #expect(read.status == 200)
                #expect(read.rev == 0)
                #expect(try await client.send(.get("/", headers: headers), to: demo.port).status == 200)
            }
            if let server { #expect(try await server.keys().isEmpty) }
        }
    }

    @Test(
        "S10 E6 A trusted proxy that says https: the cookie is sent, with Secure", arguments: ["always", "auto"],
        AdapterKind.allCases)
    func trusted(_ secure: String, _ adapter: AdapterKind) async throws {
        try await withDemo(over: .redis, adapter, ["--secure", secure, "--trusted-proxy", "127.0.0.0/8"]) {
            demo, server in
            let client = TestHTTPClient()
            let written = try await client.send(
                .post("/session", json: #"{"a":1}"#, headers: [Self.https]),
                to: demo.port
            )
            #expect(written.status == 200)
            #expect(written.setCookies.count == 1)
            #expect(written.setCookies.first?.contains("; Secure") == true)
            #expect(try await server?.keys().count == 1)
        }
    }
}
