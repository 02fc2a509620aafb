import Modeler
import Sess
import SessTestSupport
import Testing

/// Users who take each other's place, and sign-ins that end what was before them.
@Suite struct UserChangeTests {
    @Test(
        "T7 Where bob signs in and alice is signed in, her data, step-up and streams end: a new session",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func another(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(kind, adapter) { site async throws in
            for port in site.ports {
                let browser = site.browser()
                let id = try await browser.post("/sign-in/alice").text
                for name in ["cart", "step-up"] { try await browser.post("/set/\(name)") }
                let before = browser.copy()
                let alices = try ModelID(id)
                let ends = site.managers.map { $0.endEvents(of: alices, pollingEvery: .seconds(600)) }
                let response = try await browser.post("/sign-in/bob", to: port)
                #expect(response.status == 200 && response.setCookies.count == 1)
                #expect(response.text != id)
                #expect(try await browser.get("/who").text == "bob")
                #expect(try await browser.get("/id").text == response.text)
                #expect(try await browser.get("/names").text == "")
                #expect(try await site.record(id) == nil)
                // Else the streams would be waited for in vain.
                if try await site.record(id) == nil {
                    for stream in ends { #expect(await stream.first { _ in true } != nil) }
                }
                #expect(try await before.get("/who").text == "nobody")
                #expect(try await site.managers[0].sessions(of: "alice").isEmpty)
                #expect(try await site.managers[1].sessions(of: "bob").map(\.id.rawValue).contains(response.text))
            }
        }
    }

    @Test(
        "T7 Where alice signs in again in her own session, it goes on with its data",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func same(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(kind, adapter) { site async throws in
            let browser = site.browser()
            let id = try await browser.post("/sign-in/alice").text
            try await browser.post("/set/cart")
            let before = browser.copy()
            #expect(try await browser.post("/sign-in/alice").text == id)
            #expect(try await browser.get("/names").text == "cart")
            #expect(try await before.get("/who").text == "nobody")
        }
    }

    @Test(
        "T8 A user whose sessions are all revoked in the request that signs in again is signed in",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func anew(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(
            kind, adapter,
            routes: { app, site in
                app.post("/password/:server") { request in
                    let server = Int(request.parameter("server") ?? "") ?? 0
                    try await site.managers[server].revokeAll(of: "alice")
                    try await request.session.signIn(userID: "alice")
                    return "\(request.session.id)"
                }
            }
        ) { site async throws in
            // The request runs on the first server; the other one's manager is another process's.
            for server in [0, 1] {
                for user in ["alice", "nobody", "new"] {
                    let (browser, other) = (site.browser(), site.browser())
                    try await other.post("/sign-in/alice")
                    switch user {
                    case "alice": try await browser.post("/sign-in/alice")
                    case "nobody": try await browser.post("/begin")
                    default: break
                    }
                    let response = try await browser.post("/password/\(server)")
                    #expect(response.status == 200, "\(server), \(user)")
                    #expect(response.setCookies.count == 1, "\(server), \(user)")
                    for port in site.ports {
                        #expect(try await browser.get("/who", to: port).text == "alice", "\(server), \(user)")
                        #expect(try await other.get("/who", to: port).text == "nobody", "\(server), \(user)")
                    }
                    #expect(try await site.managers[0].sessions(of: "alice").count == 1)
                }
            }
        }
    }
}
