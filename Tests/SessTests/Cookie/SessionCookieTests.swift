import Modeler
import Testing

@testable import Sess

@Suite("The session cookie")
struct SessionCookieTests {
    @Test("The default is sess, HttpOnly, SameSite=Lax, for the whole host, Secure over TLS")
    func standard() throws {
        let token = SessionToken()
        let plain = SessionCookie.standard.header(token: token.text, isSecure: false, remaining: nil)
        #expect(plain == "sess=\(token.text); Path=/; HttpOnly; SameSite=Lax")
        let secure = SessionCookie.standard.header(token: token.text, isSecure: true, remaining: nil)
        #expect(secure == "sess=\(token.text); Path=/; Secure; HttpOnly; SameSite=Lax")
        #expect(try SessionCookie() == .standard)
    }

    @Test("S12 Every attribute appears as configured")
    func attributes() throws {
        let cookie = try SessionCookie(
            name: "__Secure-id",
            path: "/app",
            domain: "example.com",
            secure: .always,
            sameSite: .none,
            httpOnly: false,
            persistence: .sessionLifetime,
            partitioned: true,
            priority: .high
        )
        let token = SessionToken()
        #expect(
            cookie.header(token: token.text, isSecure: true, remaining: .milliseconds(90_999))
                == "__Secure-id=\(token.text); Max-Age=90; Domain=example.com; Path=/app; Secure; SameSite=None; Partitioned; Priority=High"
        )
    }

    @Test("S8 An expiring cookie has the attributes of the one it ends")
    func expiring() throws {
        let cookie = try SessionCookie(name: "id", path: "/app", domain: "example.com", secure: .always)
        let header = cookie.expiringHeader(isSecure: true)
        #expect(
            header
                == "id=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=example.com; Path=/app; Secure; HttpOnly; SameSite=Lax"
        )
    }

    struct Rule: Sendable {
        var name = "id"
        var path = "/"
        var domain: String?
        var secure = SessionCookie.Secure.auto
        var sameSite = SessionCookie.SameSite.lax
        var partitioned = false
    }

    @Test(
        "E14 A cookie that browsers would refuse is refused when it is configured",
        arguments: [
            Rule(name: ""), Rule(name: "a b"), Rule(name: "a=b"), Rule(name: "a;b"), Rule(name: "ä"),
            Rule(name: "a\r\nb"), Rule(path: "app"), Rule(path: "/a;b"), Rule(path: "/a\n"), Rule(path: ""),
            Rule(domain: ""), Rule(domain: "a b"), Rule(domain: "a;b"),
            Rule(name: "__Secure-id"), Rule(name: "__secure-id", secure: .never),
            Rule(name: "__Host-id"), Rule(name: "__Host-id", domain: "example.com", secure: .always),
            Rule(name: "__Host-id", path: "/app", secure: .always), Rule(name: "__HOST-id", secure: .auto),
            Rule(secure: .never, sameSite: .none), Rule(secure: .never, partitioned: true),
        ]
    )
    func refused(_ rule: Rule) {
        let error = #expect(throws: SessionError.self) {
            try SessionCookie(
                name: rule.name,
                path: rule.path,
                domain: rule.domain,
                secure: rule.secure,
                sameSite: rule.sameSite,
                partitioned: rule.partitioned
            )
        }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test(
        "E14 Their valid neighbours are accepted",
        arguments: [
            Rule(name: "__Secure-id", secure: .always), Rule(name: "__Host-id", secure: .always),
            Rule(sameSite: .none), Rule(path: "/app/"), Rule(domain: "example.com"), Rule(partitioned: true),
        ]
    )
    func accepted(_ rule: Rule) throws {
        _ = try SessionCookie(
            name: rule.name,
            path: rule.path,
            domain: rule.domain,
            secure: rule.secure,
            sameSite: rule.sameSite,
            partitioned: rule.partitioned
        )
    }

    @Test(
        "E5 A path covers itself and what is below it",
        arguments: [
            ("/", "/anything", true), ("/app", "/app", true), ("/app", "/app/", true), ("/app", "/app/x?y", true),
            ("/app", "/app?x", true), ("/app", "/apple", false), ("/app", "/", false), ("/app/", "/app", false),
            ("/app/", "/app/x", true), ("/app", "/x?/app", false),
        ]
    )
    func covers(_ path: String, _ request: String, _ expected: Bool) throws {
        #expect(try SessionCookie(path: path).covers(path: request) == expected)
    }
}
