import HTTPTypes
import Testing

@testable import Sess

@Suite("Cross-site requests")
struct CrossSiteProtectionTests {
    /// A request to `shop.example`, and what becomes of it.
    struct Case: Sendable, CustomTestStringConvertible {
        var method = HTTPRequest.Method.post
        var path = "/pay"
        var authority: String? = "shop.example"
        var site: String?
        var origin: String?
        /// `nil` where it is allowed.
        var refusedBy: CrossSiteRefusal.Reason?

        var testDescription: String {
            "\(method) \(path) at \(authority ?? "-"), Sec-Fetch-Site \(site ?? "-"), Origin \(origin ?? "-")"
        }

        var headerFields: HTTPFields {
            var fields = HTTPFields()
            if let site { fields[HTTPField.Name("Sec-Fetch-Site")!] = site }
            if let origin { fields[.origin] = origin }
            return fields
        }

        func refusal(_ protection: CrossSiteProtection) -> CrossSiteRefusal.Reason? {
            protection.refusal(method: method, path: path, authority: authority, headerFields: headerFields)?.reason
        }
    }

    static let evil = "https://evil.example"
    static let own = "https://shop.example"

    static let unsafe: [HTTPRequest.Method] = [.post, .put, .patch, .delete, .init("REPORT")!]
    static let safe: [HTTPRequest.Method] = [.get, .head, .options]

    static let byMethod: [Case] = {
        var cases = safe.map { Case(method: $0, site: "cross-site", origin: evil) }
        for method in unsafe {
            cases.append(Case(method: method, site: "cross-site", origin: evil, refusedBy: .secFetchSite))
            cases.append(Case(method: method, origin: evil, refusedBy: .origin))
            cases.append(Case(method: method))
        }
        return cases
    }()

    static let byField: [Case] = [
        // Sec-Fetch-Site decides where it is, whatever Origin says.
        Case(site: "same-origin", origin: own), Case(site: "same-origin"), Case(site: "none"),
        Case(site: "same-origin", origin: evil), Case(site: "none", origin: "null"),
        Case(site: "same-site", origin: "https://blog.shop.example", refusedBy: .secFetchSite),
        Case(site: "cross-site", origin: own, refusedBy: .secFetchSite),
        Case(site: "cross-site", refusedBy: .secFetchSite),
        Case(site: "SAME-ORIGIN", refusedBy: .secFetchSite),
        Case(site: "same-origin, same-origin", refusedBy: .secFetchSite),
        Case(site: "same-origin2", refusedBy: .secFetchSite),
        Case(site: "", origin: own), Case(site: "", origin: evil, refusedBy: .origin),
        // Without it, Origin's host and port are those that are asked.
        Case(origin: own), Case(origin: "http://shop.example"), Case(origin: "HTTPS://Shop.Example"),
        Case(origin: "https://shop.example:443"), Case(origin: "http://shop.example:80"),
        Case(authority: "SHOP.example:443", origin: own),
        Case(authority: "shop.example:80", origin: own, refusedBy: .origin),
        Case(origin: "https://shop.example:8443", refusedBy: .origin),
        Case(authority: "shop.example:8443", origin: "https://shop.example:8443"),
        Case(authority: "shop.example:8443", origin: own, refusedBy: .origin),
        Case(authority: "[::1]:8080", origin: "http://[::1]:8080"), Case(authority: "[::1]", origin: "http://[::1]"),
        Case(authority: "[::1]:8080", origin: "http://[::2]:8080", refusedBy: .origin),
        Case(origin: "https://blog.shop.example", refusedBy: .origin),
        Case(origin: "https://shop.example.evil.example", refusedBy: .origin),
        Case(origin: "null", refusedBy: .origin), Case(origin: "", refusedBy: nil),
        Case(origin: "https://shop.example/", refusedBy: .origin),
        Case(origin: "https://user@shop.example", refusedBy: .origin),
        Case(origin: "shop.example", refusedBy: .origin), Case(origin: "https://", refusedBy: .origin),
        Case(origin: "https://shop.example, https://shop.example", refusedBy: .origin),
        Case(authority: nil, origin: own, refusedBy: .origin), Case(authority: "", origin: own, refusedBy: .origin),
        Case(authority: nil),
    ]

    @Test(
        "Unsafe requests are allowed from the same origin, the user's own doing and no browser",
        arguments: byMethod + byField)
    func table(_ request: Case) {
        #expect(request.refusal(CrossSiteProtection()) == request.refusedBy)
    }

    @Test("A trusted origin may send requests, whichever field is there, and no other may")
    func trusted() throws {
        let protection = try CrossSiteProtection(trustedOrigins: ["https://Login.example", "http://dev.example:3000"])
        for site in ["cross-site", "same-site", nil] {
            for origin in ["https://login.example", "https://login.example:443", "http://dev.example:3000"] {
                #expect(Case(site: site, origin: origin).refusal(protection) == nil, "\(origin)")
            }
            for origin in [
                "http://login.example", "https://login.example:444", "http://dev.example", "https://a.login.example",
                "null",
            ] {
                #expect(Case(site: site, origin: origin).refusal(protection) != nil, "\(origin)")
            }
        }
        #expect(Case(site: "cross-site").refusal(protection) == .secFetchSite)
    }

    @Test("An exempt path and what is below it take requests of any page, in no other spelling")
    func exempt() throws {
        let protection = try CrossSiteProtection(exemptPaths: ["/saml", "/hooks/in/"])
        for path in ["/saml", "/saml/", "/saml/acs", "/hooks/in", "/hooks/in/1"] {
            #expect(Case(path: path, site: "cross-site", origin: Self.evil).refusal(protection) == nil, "\(path)")
        }
        for path in [
            "/", "/samlet", "/SAML", "/hooks", "/hooks/inner", "/saml/../pay", "/saml/./x", "/saml/%2e%2e/pay",
            "/saml%2fx", "//saml", "/x//saml", "saml", "", "/saml/..", "/saml\\..\\pay",
        ] {
            #expect(
                Case(path: path, site: "cross-site", origin: Self.evil).refusal(protection) == .secFetchSite, "\(path)")
        }
        #expect(Case(path: "/any", origin: Self.evil).refusal(try CrossSiteProtection(exemptPaths: ["/"])) == nil)
    }

    @Test(
        "An origin or a path of another form is refused when it is configured, and the error names it",
        arguments: [
            "shop.example", "https://", "https://shop.example/", "https://shop.example/path", "https://shop.example:",
            "https://shop.example:0", "https://shop.example:+80", "https://shop.example:65536", "https://a b.example",
            "https://user@shop.example", "://shop.example", "null", "*", "https://*.shop.example", "",
            "https://shop.example?x", "1http://a.example",
        ])
    func wrongOrigins(_ origin: String) {
        let error = #expect(throws: SessionError.self) { try CrossSiteProtection(trustedOrigins: [origin]) }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("'\(origin)'") == true)
    }

    @Test(
        "An exempt path is plain",
        arguments: ["", "saml", "/saml/*", "/a/../b", "/a//b", "/a%2fb", "//a", "/a?b", "/./a"])
    func wrongPaths(_ path: String) {
        let error = #expect(throws: SessionError.self) { try CrossSiteProtection(exemptPaths: [path]) }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("'\(path)'") == true)
    }
}
