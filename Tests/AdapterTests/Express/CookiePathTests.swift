import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// The paths that sessions are for.
@Suite("The cookie's path")
struct CookiePathTests {
    @Test(
        "E5 Outside of the cookie's path there is no session work; the path is the whole one, also below a mount point",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func path(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for mount in ["/shop", nil] {
            try await withSessions(kind, adapter, mount: mount) {
                $0.cookie = try SessionCookie(path: "/shop/app")
            } routes: { app in
                for path in ["/app", "/app/deep", "/apple", "/App", "/other", "/x/shop/app"] {
                    app.get((mount == nil ? "/shop" : "") + path) { request in
                        request.session["n", default: 0] += 1
                        return "\(request.session.isDetached) \(request.session["n", default: 0])"
                    }
                }
            } _: { served in
                let browser = Browser(port: served.port)
                let first = try await browser.get("/shop/app")
                #expect(first.text == "false 1")
                #expect(first.setCookies.count == 1)
                #expect(first.setCookies.first?.contains("; Path=/shop/app;") == true)
                let token = try #require(browser.token)
                let inside = try await served.calls {
                    for (path, count) in [("/shop/app/deep?x=/other", 2), ("/shop/app?x", 3)] {
                        let response = try await browser.get(path)
                        #expect(response.text == "false \(count)", "\(path)")
                    }
                }
                #expect(inside == [.fetch, .commit, .fetch, .commit])
                let outside = try await served.calls {
                    for path in ["/shop/apple", "/shop/App", "/shop/other", "/shop/x/shop/app"] {
                        // A client that sends the cookie where it isn't for, too.
                        let headers = [(name: "Cookie", value: "sess=\(token)")]
                        let response = try await browser.client.send(.get(path, headers: headers), to: served.port)
                        #expect(response.text == "true 1", "\(path)")
                        #expect(response.setCookies.isEmpty, "\(path)")
                    }
                }
                #expect(outside.isEmpty)
                await browser.client.closeIdle()
            }
        }
    }
}
