import HTTPTypes
import Modeler
import Sess
import SessTestSupport
import Testing

@Suite("Cross-site requests over the adapters")
struct CrossSiteTests {
    private func withShop(_ adapter: AdapterKind, _ body: @Sendable (Browser) async throws -> Void) async throws {
        let protection = try CrossSiteProtection(trustedOrigins: ["https://login.example"], exemptPaths: ["/saml"])
        try await withApp(
            on: adapter, SessionManager(sessions: MemoryCollection(name: "sessions")), protection: protection,
            routes: { routes in
                routes.get("/count") { "\($0.session["count", default: 0])" }
                for path in ["/count", "/saml/acs"] {
                    routes.post(path) { request in
                        request.session["count", default: 0] += 1
                        return "counted"
                    }
                }
                routes.get("/form") { try await $0.session.csrfToken() }
                routes.get("/enter") { request in
                    try await request.session.signIn(userID: "alice")
                    return "ok"
                }
                routes.post("/form/:token") { request in
                    guard request.session.isValidCSRFToken(request.parameter("token") ?? "") else {
                        throw AppRefusal(.forbidden)
                    }
                    return "taken"
                }
            },
            { port in
                let browser = Browser(port: port)
                try await body(browser)
                await browser.client.closeIdle()
            }
        )
    }

    @Test("What a page of another site sends is refused with 403 and plain text", arguments: AdapterKind.allCases)
    func refusal(_ adapter: AdapterKind) async throws {
        try await withShop(adapter) { browser in
            let host = "shop.example"
            let cases: [(path: String, headers: [(name: String, value: String)], status: Int)] = [
                ("/count", [], 200),
                ("/count", [("Sec-Fetch-Site", "same-origin")], 200),
                ("/count", [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")], 403),
                ("/count", [("Origin", "https://evil.example")], 403),
                ("/count", [("Origin", "https://shop.example")], 200),
                ("/count", [("Origin", "https://login.example"), ("Sec-Fetch-Site", "cross-site")], 200),
                ("/saml/acs", [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site")], 200),
                ("/count?x=/saml", [("Origin", "https://evil.example")], 403),
            ]
            for (path, headers, status) in cases {
                let response = try await browser.send(.post(path, headers: headers + [("Host", host)]))
                #expect(response.status == status, "\(path) \(headers)")
                if status == 403 {
                    #expect(response["Content-Type"].first?.hasPrefix("text/plain") == true)
                    #expect(response.text.contains("another site"))
                    #expect(response.setCookies.isEmpty)
                }
            }
            let counted = cases.count { $0.status == 200 }
            let page = TestRequest.get(
                "/count", headers: [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")])
            #expect(try await browser.send(page).text == "\(counted)")
        }
    }

    @Test(
        "A form's token is taken of its own session, and not of another, of before a sign-in, or garbage",
        arguments: AdapterKind.allCases)
    func token(_ adapter: AdapterKind) async throws {
        try await withShop(adapter) { browser in
            let other = Browser(port: browser.port, client: browser.client)
            let text = try await browser.get("/form").text
            let foreign = try await other.get("/form").text
            #expect(try await browser.post("/form/\(text)").text == "taken")
            #expect(try await browser.post("/form/\(foreign)").status == 403)
            #expect(try await browser.post("/form/garbage").status == 403)
            #expect(try await browser.get("/enter").status == 200)
            #expect(try await browser.post("/form/\(text)").status == 403)
            let fresh = try await browser.get("/form").text
            #expect(try await browser.post("/form/\(fresh)").text == "taken")
        }
    }
}
