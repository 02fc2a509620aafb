import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// What the connection, and a proxy before it, make of the cookie.
@Suite("Secure and SameSite by themselves")
struct SecureAttributeTests {
    private static func header(_ proto: String) -> [(name: String, value: String)] {
        [(name: "X-Forwarded-Proto", value: proto)]
    }

    /// Headers, and whether they make a request secure where they are believed.
    private static let rows: [(headers: [(name: String, value: String)], isSecure: Bool)] = [
        ([], false), (header("https"), true), (header("HTTPS"), true), (header("http"), false),
        (header("https, http"), false), (header("http, https"), true),
        ([(name: "Forwarded", value: "for=192.0.2.1;proto=https")], true),
        ([(name: "Forwarded", value: "for=192.0.2.1;proto=http")], false),
        (header("https") + [(name: "Forwarded", value: "proto=http")], false),
        ([(name: "X-Forwarded-For", value: "10.0.0.1"), (name: "X-Forwarded-Ssl", value: "on")], false),
    ]

    @Test(
        "E6 S10 Secure and SameSite follow the connection and a trusted proxy's word, the nearest one's; no other's",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func auto(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await each(kind, adapter, secure: .auto) { served, headers, isSecure in
            let client = TestHTTPClient()
            let written = try await client.send(.post("/write", headers: headers), to: served.port)
            let cookie = try #require(written.setCookies.first)
            #expect(cookie.contains("; Secure;") == isSecure)
            #expect(cookie.contains("; SameSite=None") == isSecure)
            #expect(cookie.contains("; SameSite=Lax") == !isSecure)
            // The cookie that ends it is one of the same kind.
            let pair = (name: "Cookie", value: String(cookie.prefix { $0 != ";" }))
            let ended = try await client.send(.post("/end", headers: headers + [pair]), to: served.port)
            #expect(ended.setCookies.count == 1)
            #expect(ended.setCookies.first?.contains("; Secure;") == isSecure)
            #expect(ended.setCookies.first?.contains("; SameSite=None") == isSecure)
            await client.closeIdle()
        }
    }

    @Test(
        "S10 Where the cookie is for TLS alone, a request without takes no part: no cookie, nothing saved",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func always(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await each(kind, adapter, secure: .always) { served, headers, isSecure in
            let client = TestHTTPClient()
            let calls = try await served.calls {
                let written = try await client.send(.post("/write", headers: headers), to: served.port)
                #expect(written.status == 200)
                #expect(written.setCookies.count == (isSecure ? 1 : 0))
                #expect(written.setCookies.allSatisfy { $0.contains("; Secure;") && $0.contains("; SameSite=None") })
            }
            #expect(calls == (isSecure ? [.insert] : []))
            await client.closeIdle()
        }
    }

    /// Runs `body` for each row, over a connection without TLS to a server that trusts this host and to one that
    /// doesn't, and over one with TLS.
    private func each(
        _ kind: StoreKind,
        _ adapter: AdapterKind,
        secure: SessionCookie.Secure,
        _ body: @escaping @Sendable (ServedSessions, [(name: String, value: String)], Bool) async throws -> Void
    ) async throws {
        try await withStore(kind) { store in
            for (proxies, isTLS) in [("127.0.0.0/8", false), ("10.0.0.0/8", false), ("10.0.0.0/8", true)] {
                try await serve(store, adapter, isTLS: isTLS) {
                    $0.cookie = try SessionCookie(secure: secure, sameSite: .auto)
                    $0.trustedProxies = try TrustedProxies([proxies])
                } routes: { app in
                    app.post("/write") { request in
                        request.session["a"] = 1
                        return "ok"
                    }
                    app.post("/end") { request in
                        try await request.session.destroy()
                        return "ok"
                    }
                } _: { served in
                    let isTrusted = proxies == "127.0.0.0/8"
                    for (headers, isSecure) in Self.rows {
                        try await body(served, headers, isTLS || (isTrusted && isSecure))
                    }
                }
            }
        }
    }
}
