import HTTPTypes
import Modeler
import NIOCore
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Cookies that differ by request, and the app's own beside them.
@Suite("Cookies by request")
struct CookieForRequestTests {
    private struct Refusal: Error {}

    @Test(
        "E7 A cookie's options are made from the request; another's name and path don't reach it",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func perRequest(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let tenant = try #require(HTTPField.Name("X-Tenant"))
        try await withSessions(kind, adapter) {
            $0.cookie = try SessionCookie(name: "id")
            $0.cookieForRequest = { request, cookie in
                switch request.headerFields[tenant] {
                case "a": try SessionCookie(name: "id", domain: "a.example", priority: .high)
                case "b": try SessionCookie(name: "other", path: "/b")
                case "wrong": try SessionCookie(name: "__Host-id", domain: "a.example")
                case "none": throw Refusal()
                default: cookie
                }
            }
        } routes: { app in
            for path in ["/", "/b/x"] {
                app.post(path) { request in
                    request.session["n", default: 0] += 1
                    return "\(request.session["n", default: 0])"
                }
            }
        } _: { served in
            let client = TestHTTPClient()
            func send(_ path: String, _ tenant: String, cookie: String? = nil) async throws -> TestResponse {
                var headers = [(name: "X-Tenant", value: tenant)]
                if let cookie { headers.append((name: "Cookie", value: String(cookie.prefix { $0 != ";" }))) }
                return try await client.send(.post(path, headers: headers), to: served.port)
            }
            let plain = try #require(try await send("/", "").setCookies.first)
            #expect(plain.hasPrefix("id=v1.") && plain.contains("; Path=/;") && !plain.contains("Domain"))
            let first = try #require(try await send("/", "a").setCookies.first)
            #expect(first.hasPrefix("id=v1.") && first.contains("; Domain=a.example;"))
            #expect(first.contains("; Priority=High"))
            #expect(try await send("/", "a", cookie: first).text == "2")
            #expect(try await send("/", "b").setCookies.isEmpty, "outside of its path")
            let other = try #require(try await send("/b/x", "b").setCookies.first)
            #expect(other.hasPrefix("other=v1.") && other.contains("; Path=/b;"))
            #expect(try await send("/b/x", "b", cookie: other).text == "2")
            #expect(try await send("/b/x", "", cookie: other).text == "1", "another name's cookie")
            for tenant in ["none", "wrong"] {
                let calls = try await served.calls {
                    let failed = try await send("/", tenant, cookie: plain)
                    #expect(failed.status == 500)
                    #expect(failed.setCookies.isEmpty)
                }
                #expect(calls.isEmpty)
            }
            #expect(try await send("/", "", cookie: plain).text == "2")
            await client.closeIdle()
        }
    }

    @Test(
        "E7 Cookies and headers that the app sets are kept; L8 a response that sets the cookie is not cacheable",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func appHeaders(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withSessions(kind, adapter) { app in
            app.get("/write") { request in
                request.session["n", default: 0] += 1
                var fields: HTTPFields = [
                    .setCookie: "theme=dark; Path=/", .cacheControl: "public, max-age=3600", .vary: "Accept-Encoding",
                ]
                fields.append(HTTPField(name: .setCookie, value: "sess2=x; Path=/"))
                return AppResponse(headerFields: fields)
            }
            app.get("/end") { request in
                try await request.session.destroy()
                return AppResponse(headerFields: [.setCookie: "theme=light; Path=/"])
            }
            app.get("/read") { request in
                AppResponse(
                    headerFields: [.cacheControl: "max-age=60"],
                    body: .bytes(ByteBuffer(string: "\(request.session["n"])"))
                )
            }
            app.get("/vary") { request in
                request.session["n", default: 0] += 1
                return AppResponse(headerFields: [.vary: "Accept, cookie"])
            }
            app.get("/plain") { _ in AppResponse(headerFields: [.cacheControl: "max-age=60"]) }
        } _: { served in
            let browser = Browser(port: served.port)
            let written = try await browser.get("/write")
            #expect(written.setCookies.count == 3)
            #expect(written.setCookies.prefix(2) == ["theme=dark; Path=/", "sess2=x; Path=/"])
            #expect(browser.token != nil)
            #expect(written["Cache-Control"] == ["no-store"])
            #expect(written["Vary"].joined(separator: ", ") == "Accept-Encoding, Cookie")
            let read = try await browser.get("/read")
            #expect(read["Vary"] == ["Cookie"])
            #expect(read["Cache-Control"] == ["max-age=60"])
            #expect(try await browser.get("/vary")["Vary"] == ["Accept, cookie"])
            let plain = try await browser.get("/plain")
            #expect(plain["Cache-Control"] == ["max-age=60"])
            #expect(plain["Vary"].isEmpty)
            let ended = try await browser.get("/end")
            #expect(ended.setCookies.count == 2)
            #expect(ended.setCookies.first == "theme=light; Path=/")
            #expect(ended["Cache-Control"] == ["no-store"])
            #expect(browser.token == nil && browser.cookies["theme"] == "light")
            await browser.client.closeIdle()
        }
    }
}
