import HTTPTypes
import Modeler
import Sess
import SessTestSupport
import Testing

/// Sessions that are reached by their ids, without a token.
@Suite struct OperatorTests {
    @Test(
        "T12 A session by id saves although its client's token is replaced meanwhile, and leaves the client its own",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func saves(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(
            kind, adapter,
            routes: { app, site in
                app.post("/operator/:id/:place") { request in
                    let id = try ModelID(request.parameter("id") ?? "")
                    guard let session = try await request.requestSessions[id] else { throw AppRefusal(.notFound) }
                    try await site.gates.pass(request.parameter("place") ?? "")
                    session["note"] = "by the operator"
                    try await session.increment("visits")
                    try await session.save()
                    return "\(session.isDetached)"
                }
            }
        ) { site async throws in
            for replacement in ["/rotate/0", "/rotate/60000", "/sign-in/alice"] {
                let (browser, staff) = (site.browser(), site.browser())
                let id = try await browser.post("/begin").text
                let response = try await staff.post(
                    "/operator/\(id)/operator", to: site.ports[1], held: site.gates,
                    while: { () async throws in #expect(try await browser.post(replacement).setCookies.count == 1) })
                #expect(response.status == 200 && response.text == "false", "\(replacement)")
                #expect(response.setCookies.isEmpty, "\(replacement)")
                #expect(try await browser.get("/names").text == "begun note visits", "\(replacement)")
                #expect(try await browser.get("/id").text == id, "\(replacement)")
            }
        }
    }

    @Test(
        "T12 A session by id never reveals a token, also not after its token was replaced through it",
        arguments: StoreKind.allCases)
    func revealsNothing(_ kind: StoreKind) async throws {
        try await TokenSite.with(kind, .hummingbird) { site async throws in
            let browser = site.browser()
            let id = try await browser.post("/begin").text
            let session = try #require(try await site.managers[1].unauthorizedSession(id: ModelID(id)))
            #expect(session.revealToken() == nil)
            session["note"] = true
            try await session.save()
            #expect(session.revealToken() == nil)
            // Refused or done, the token is nobody's but the client's.
            try? await session.rotate()
            #expect(session.revealToken() == nil)
            try? await session.rotate(grace: .seconds(60))
            #expect(session.revealToken() == nil)
            try? await session.signIn(userID: "alice")
            #expect(session.revealToken() == nil)
        }
    }
}
