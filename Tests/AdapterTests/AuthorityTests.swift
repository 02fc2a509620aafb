import Modeler
import Sess
import SessTestSupport
import Testing

@Suite("The host that a client asks")
struct AuthorityTests {
    @Test(
        "E7 A cookie may depend on the host of the request: a domain for each tenant", arguments: AdapterKind.allCases)
    func tenants(_ adapter: AdapterKind) async throws {
        var options = SessionOptions()
        options.cookieForRequest = { request, cookie in
            let host = request.authority.map { String($0.prefix { $0 != ":" }) }
            return try SessionCookie(name: cookie.name, domain: host)
        }
        let manager = try SessionManager(sessions: MemoryCollection(name: "sessions"), options: options)
        try await withApp(
            on: adapter, manager,
            routes: { routes in
                routes.post("/write") { request in
                    request.session["a"] = 1
                    return "ok"
                }
            },
            { port in
                let browser = Browser(port: port)
                let response = try await browser.post("/write")
                #expect(response.setCookies.first?.contains("Domain=127.0.0.1") == true, "\(response.setCookies)")
                await browser.client.closeIdle()
            }
        )
    }
}
