import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

@Suite("Other tokens than the client's")
struct LateRequestTests {
    @Test(
        "L2 C6 A request that was under way during a sign-in doesn't take the new token from its client",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func late(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            try await withApp(
                on: adapter, SessionManager(sessions: store.sessions),
                routes: { routes in
                    routes.post("/login") { request in
                        try await request.session.signIn(userID: "alice")
                        return "ok"
                    }
                    routes.post("/write") { request in
                        request.session["n", default: 0] += 1
                        return request.session.userID ?? "nobody"
                    }
                },
                { port in
                    let browser = Browser(port: port)
                    try await browser.post("/write")
                    let tab = browser.copy()
                    try await browser.post("/login")
                    let late = try await tab.post("/write")
                    #expect(late.status == 200 && late.text == "nobody")
                    #expect(late.setCookies.isEmpty)
                    #expect(try await browser.post("/write").text == "alice")
                    await browser.client.closeIdle()
                }
            )
        }
    }

    @Test(
        "E1 A token of another system over the same store is none", arguments: StoreKind.allCases, AdapterKind.allCases)
    func foreign(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            let visitor = try await SessionManager(sessions: store.sessions).mint(userID: "1")
            let admins = try SessionManager(sessions: store.sessions, cookieName: "admin")
            let admin = try await admins.mint(userID: "1")
            try await withApp(
                on: adapter, admins,
                routes: { routes in routes.get("/who") { request in request.session.userID ?? "nobody" } },
                { port async throws in
                    for (token, user) in [(visitor.token, "nobody"), (admin.token, "1")] {
                        let client = TestHTTPClient()
                        var request = TestRequest.get("/who")
                        request.headers.append(("Cookie", "admin=\(token); sess=\(visitor.token)"))
                        let response = try await client.send(request, to: port)
                        #expect(response.text == user)
                        await client.closeIdle()
                    }
                }
            )
        }
    }
}
