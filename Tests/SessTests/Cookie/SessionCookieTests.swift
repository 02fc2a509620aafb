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

    @Test("S12 Max-Age is 1 second to 400 days, and 400 days for a session without limits")
    func maximumAge() throws {
        let ages: [(Duration?, Int)] = [
            (nil, 34_560_000), (.seconds(34_560_001), 34_560_000), (.seconds(Int64.max), 34_560_000),
            (.milliseconds(90_999), 90), (.milliseconds(1), 1), (.zero, 1), (.seconds(-5), 1),
        ]
        for (remaining, expected) in ages {
            let age = SessionCookie.age(remaining)
            let header = SessionCookie.standard.header(token: "t", isSecure: false, remaining: age)
            #expect(header == "sess=t; Max-Age=\(expected); Path=/; HttpOnly; SameSite=Lax")
        }
    }

    @Test("The longest name and the longest token are within what browsers keep")
    func longestPair() throws {
        let longest = SessionToken.maximumLength + SessionToken.pairLength + SigningKeys.signatureLength
        #expect(throws: Never.self) { try SessionCookie(name: String(repeating: "n", count: 4096 - longest)) }
        #expect(throws: SessionError.self) { try SessionCookie(name: String(repeating: "n", count: 4097 - longest)) }
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
            Rule(domain: "domain..com"), Rule(domain: "."), Rule(domain: ".."), Rule(domain: "-"),
            Rule(domain: "é.com"),
            Rule(domain: "example.com."), Rule(domain: ".example.com"), Rule(domain: "-a.com"), Rule(domain: "a-.com"),
            Rule(domain: "example.com:80"), Rule(domain: String(repeating: "a", count: 64) + ".com"),
            Rule(domain: Array(repeating: "abcdefghi", count: 26).joined(separator: ".")),
            Rule(path: "/" + String(repeating: "a", count: 1024)), Rule(path: "/foo=bar?baz"), Rule(path: "/a#b"),
            Rule(path: "/a b"), Rule(name: String(repeating: "n", count: 5000)),
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
            Rule(domain: "localhost"), Rule(domain: "a-b.x1.example"), Rule(domain: "my_app.example"),
            Rule(domain: Array(repeating: "abcdefghi", count: 25).joined(separator: ".")),
            Rule(path: "/" + String(repeating: "a", count: 1023)), Rule(path: "/foo=bar,baz/%20~"),
            Rule(name: String(repeating: "n", count: 3800)),
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
