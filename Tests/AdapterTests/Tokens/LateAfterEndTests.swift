import Modeler
import Sess
import SessTestSupport
import Testing

/// A request that is under way, or only on its way, while its session ends and the same browser signs in again.
@Suite struct LateAfterEndTests {
    /// How the session ends.
    private enum Ending: String, CaseIterable {
        case signOut, destroy, regenerate, revoke, revokeAll

        func run(_ browser: Browser, _ site: TokenSite, user: String, id: String) async throws {
            switch self {
            case .signOut: #expect(try await browser.post("/do/signOut").status == 200)
            case .destroy: #expect(try await browser.post("/do/destroy").status == 200)
            case .regenerate: #expect(try await browser.post("/do/regenerateAndWrite").setCookies.count == 1)
            case .revoke: #expect(try await site.managers[1].revoke(ModelID(id), of: user))
            case .revokeAll: try await site.managers[1].revokeAll(of: user)
            }
        }
    }

    @Test(
        "T1 A request under way while its session ends and the browser signs in anew sends no cookie, whatever it does",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func underWay(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await forAll(kind, adapter) { site, options, ending, deed in
            let browser = site.browser()
            let user = "\(ending)-\(deed)"
            let id = try await browser.post("\(options.signIn)/\(user)").text
            let late = try await browser.post("/late/\(deed)/late", to: site.ports[1], held: site.gates) {
                () async throws in
                try await ending.run(browser, site, user: user, id: id)
                #expect(try await browser.post("\(options.signIn)/\(user)").setCookies.count == 1)
            }
            return (browser, late)
        }
    }

    @Test(
        "T1 A request that only comes after its session has ended and the browser has signed in anew sends no cookie",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func onItsWay(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await forAll(kind, adapter) { site, options, ending, deed in
            let browser = site.browser()
            let user = "\(ending)-\(deed)"
            let id = try await browser.post("\(options.signIn)/\(user)").text
            let before = browser.copy()
            try await ending.run(browser, site, user: user, id: id)
            #expect(try await browser.post("\(options.signIn)/\(user)").setCookies.count == 1)
            // What is written with a token of which nothing is left may begin a session, as with no token at all.
            guard ![.write, .save, .increment, .update, .reloadAndWrite, .remember].contains(deed) else {
                return (browser, nil)
            }
            let late = try await before.post("/do/\(deed)", to: site.ports[1])
            browser.take(late)
            return (browser, late)
        }
    }

    private func forAll(
        _ kind: StoreKind,
        _ adapter: AdapterKind,
        _ scenario:
            @escaping @Sendable (TokenSite, CookieCase, Ending, TokenDeed) async throws -> (
                Browser, TestResponse?
            )
    ) async throws {
        for options in CookieCase.usual {
            try await TokenSite.with(kind, adapter, options: { try options.configure(&$0) }) { site async throws in
                for ending in Ending.allCases {
                    for deed in TokenDeed.uses {
                        let comment: Comment = "\(options), \(ending), \(deed)"
                        let (browser, late) = try await scenario(site, options, ending, deed)
                        #expect(late?.setCookies.map(Self.isExpiry) ?? [] == [], comment)
                        #expect(try await browser.get("/who").text == "\(ending)-\(deed)", comment)
                        #expect(try await !browser.get("/names").text.contains("late"), comment)
                    }
                }
            }
        }
    }

    private static func isExpiry(_ setCookie: String) -> Bool { setCookie.contains("Max-Age=0;") }
}
