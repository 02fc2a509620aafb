import Hummingbird
import Modeler
import Sess
import SessHummingbird
import SessTestSupport
import SessTesting
import Testing

@Suite("Recipes of sign-ins")
struct SignInRecipeTests {
    private static let tls: (name: String, value: String) = ("X-Forwarded-Proto", "https")

    @Test("Recipes: a browser's form signs in, with its checkbox ticked or not")
    func form() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        let router = Router(context: AppContext.self)
        router.add(middleware: SessMiddleware(manager))
        addLogin(to: router, manager: manager, users: Users())
        router.get("user") { _, context in context.session.userID ?? "nobody" }
        try await withRouter(router) { port in
            let browser = Browser(port: port)
            #expect(try await browser.send(.form("/login", "name=alice&password=no")).status == 401)
            let plain = try await browser.send(.form("/login", "name=alice&password=tea"))
            #expect(plain.status == 302)
            #expect(plain.setCookies.first?.contains("Max-Age") == false)
            #expect(try await browser.get("/user").text == "alice")
            let remembered = try await browser.send(.form("/login", "name=alice&password=tea&remember=true"))
            #expect(remembered.status == 302)
            #expect(remembered.setCookies.first?.contains("Max-Age=2592000") == true)
        }
    }

    @Test("Recipes: an answer of OAuth counts once, in each tab that has asked, and for nobody else")
    func oauth() async throws {
        let manager = SessionManager(sessions: MemoryCollection(name: "sessions"))
        try await withApp(
            manager, routes: { addOAuth(to: $0, provider: Provider()) },
            { port in
                let browser = Browser(port: port)
                var states: [String] = []
                for _ in 0..<2 {
                    let location = try #require(try await browser.get("/oauth/begin")["Location"].first)
                    states.append(try #require(location.split(separator: "=").last.map(String.init)))
                }
                let other = Browser(port: port)
                #expect(try await other.get("/oauth/end?code=1&state=\(states[0])").status == 400)
                #expect(try await browser.get("/oauth/end?code=1&state=__token").status == 400)
                #expect(try await browser.get("/oauth/end?code=1&state=").status == 400)
                for state in states {
                    #expect(try await browser.get("/oauth/end?code=1&state=\(state)").status == 302)
                    #expect(try await browser.get("/oauth/end?code=1&state=\(state)").status == 400)
                }
                #expect(try await manager.sessions(of: "alice").count == 1)
            })
    }

    @Test("Recipes: a provider's POST from its own site signs in to the session that the browser had before")
    func saml() async throws {
        var main = SessionOptions()
        main.trustedProxies = try TrustedProxies(["127.0.0.1/32"])
        var options = try samlOptions()
        options.trustedProxies = main.trustedProxies
        let store = MemoryCollection(name: "sessions")
        let manager = try SessionManager(sessions: store, options: main)
        let saml = try SessionManager(sessions: store, options: options)
        let router = Router(context: AppContext.self)
        addSAML(to: router, manager: manager, saml: saml, provider: Provider())
        router.get("cart") { _, context in
            context.session["tea", default: 0] += 1
            return "\(context.session.userID ?? "nobody") \(context.session["tea", default: 0])"
        }
        try await withRouter(router) { port in
            let client = TestHTTPClient()
            var cookies: [String: String] = [:]
            // The session's own cookie is `Lax`: a POST from another site comes without it.
            func send(_ request: TestRequest, isCrossSite: Bool = false) async throws -> TestResponse {
                var request = request
                let sent = cookies.filter { !isCrossSite || $0.key == "__Secure-saml" }
                request.headers += [
                    Self.tls, ("Cookie", sent.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")),
                ]
                let response = try await client.send(request, to: port)
                for field in response.setCookies {
                    let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map(String.init)
                    cookies[pair[0]] = pair.count == 2 ? pair[1] : ""
                }
                return response
            }
            #expect(try await send(.get("/cart")).text == "nobody 1")
            let began = try await send(.get("/saml/begin"))
            #expect(began.setCookies.contains { $0.contains("SameSite=None") && $0.contains("Path=/saml") })
            let id = try #require(began["Location"].first?.split(separator: "=").last)
            let wrong = try await send(.form("/saml/acs", "SAMLResponse=signed%20other"), isCrossSite: true)
            #expect(wrong.status == 403)
            _ = try await send(.get("/saml/begin"))
            #expect(try await send(.form("/saml/acs", "SAMLResponse=signed%20\(id)"), isCrossSite: true).status == 403)
            let again = try await send(.get("/saml/begin"))
            let next = try #require(again["Location"].first?.split(separator: "=").last)
            let posted = try await send(.form("/saml/acs", "SAMLResponse=signed%20\(next)"), isCrossSite: true)
            #expect(posted.status == 303)
            #expect(try await send(.get("/saml/done")).status == 303)
            #expect(try await send(.get("/saml/done")).status == 403)
            #expect(try await send(.get("/cart")).text == "alice 2")
        }
    }
}
