import HTTPTypes
import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Attributes and prefixes that browsers have rules for.
@Suite("Attributes and prefixes")
struct CookieAttributeTests {
    @Test(
        "E14 Partitioned and Priority are sent, the former only beside Secure; prefixed names come over TLS alone",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func attributes(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let cookies: [(cookie: SessionCookie, attributes: Set<String>, insecure: Set<String>?)] = [
            (
                try SessionCookie(name: "__Host-id", secure: .always, partitioned: true, priority: .high),
                ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Partitioned", "Priority=High"], nil
            ),
            (
                try SessionCookie(name: "__Secure-id", domain: "a.example", secure: .always, priority: .medium),
                ["Domain=a.example", "Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Priority=Medium"], nil
            ),
            (
                try SessionCookie(sameSite: .strict, partitioned: true, priority: .low),
                ["Path=/", "Secure", "HttpOnly", "SameSite=Strict", "Partitioned", "Priority=Low"],
                ["Path=/", "HttpOnly", "SameSite=Strict", "Priority=Low"]
            ),
            (
                try SessionCookie(sameSite: .none, httpOnly: false),
                ["Path=/", "Secure", "SameSite=None"], ["Path=/"]
            ),
        ]
        try await withStore(kind) { store in
            for (cookie, attributes, insecure) in cookies {
                for expected in [attributes, insecure] {
                    let isTLS = expected == attributes
                    try await serve(store, adapter, isTLS: isTLS, options: { $0.cookie = cookie }) { app in
                        app.post("/write") { request in
                            request.session["a"] = 1
                            return "ok"
                        }
                        app.post("/end") { request in
                            try await request.session.destroy()
                            return "ok"
                        }
                    } _: { served in
                        let client = TestHTTPClient()
                        let written = try await client.send(.post("/write"), to: served.port)
                        #expect(written.status == 200)
                        let sent = Self.attributes(of: written.setCookies.first)
                        #expect(sent?.name == (expected == nil ? nil : cookie.name))
                        #expect(sent?.attributes == expected)
                        guard let pair = written.setCookies.first?.prefix(while: { $0 != ";" }) else { return }
                        let headers = [(name: "Cookie", value: String(pair))]
                        let ended = try await client.send(.post("/end", headers: headers), to: served.port)
                        let last = Self.attributes(of: ended.setCookies.first)
                        let expiring: Set = ["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
                        #expect(last?.attributes == expected?.union(expiring), "a browser must know it as the same one")
                        await client.closeIdle()
                    }
                }
            }
        }
    }

    private static func attributes(of cookie: String?) -> (name: String, attributes: Set<String>)? {
        guard let cookie else { return nil }
        let parts = cookie.split(separator: ";").map { String($0.drop { $0 == " " }) }
        return (String(parts[0].prefix { $0 != "=" }), Set(parts.dropFirst()))
    }
}
