import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Sign-ins that fail on their way.
@Suite struct FailedSignInTests {
    /// Why the sign-in fails.
    private enum Fault: String, CaseIterable {
        case notANumber, tooLarge, conflict, store
    }

    private static func addRoutes(_ app: AppRoutes, _ site: TokenSite) {
        app.post("/notANumber") { request in
            request.session["n", as: Double.self] = .nan
            try await request.session.signIn(userID: "alice")
            return "ok"
        }
        app.post("/tooLarge") { request in
            request.session["big"] = .string(String(repeating: "x", count: 100_000))
            try await request.session.signIn(userID: "alice")
            return "ok"
        }
        app.post("/conflict/:place") { request in
            try await site.gates.pass(request.parameter("place") ?? "")
            request.session["strict"] = "mine"
            try await request.session.signIn(userID: "alice")
            return "ok"
        }
        app.post("/store") { request in
            try await request.session.signIn(userID: "alice")
            return "ok"
        }
    }

    /// A sign-in that fails, of a browser that is signed in to nothing.
    private static func fail(_ fault: Fault, _ browser: Browser, _ site: TokenSite) async throws -> TestResponse {
        switch fault {
        case .notANumber, .tooLarge: return try await browser.post("/\(fault)")
        case .conflict:
            return try await browser.post(
                "/conflict/strict", held: site.gates,
                while: { () async throws in
                    #expect(try await browser.copy().post("/set/strict", to: site.ports[1]).status == 200)
                })
        case .store:
            site.faults.set([.insert, .commit])
            defer { site.faults.set([]) }
            return try await browser.post("/store")
        }
    }

    @Test(
        "T9 A sign-in that fails holds no place: the next one is let in at once",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func place(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await forAll(kind, adapter, .refuseNew) { site, browser, fault in
            let failed = try await Self.fail(fault, browser, site)
            #expect(failed.status >= 400, "\(fault)")
            #expect(try await site.managers[1].sessions(of: "alice").isEmpty, "\(fault)")
            let next = site.browser()
            #expect(try await next.post("/sign-in/alice", to: site.ports[1]).status == 200, "\(fault)")
            #expect(try await next.get("/who").text == "alice", "\(fault)")
            #expect(try await browser.get("/who").text == "nobody", "\(fault)")
        }
    }

    @Test(
        "T9 A sign-in that fails has ended none of the user's sessions",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func others(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await forAll(kind, adapter, .evictOldest) { site, browser, fault in
            let old = site.browser()
            try await old.post("/sign-in/alice", to: site.ports[1])
            let failed = try await Self.fail(fault, browser, site)
            #expect(failed.status >= 400, "\(fault)")
            for port in site.ports { #expect(try await old.get("/who", to: port).text == "alice", "\(fault)") }
            #expect(try await site.managers[1].sessions(of: "alice").count == 1, "\(fault)")
            #expect(try await browser.get("/who").text == "nobody", "\(fault)")
        }
    }

    /// Runs a scenario with each fault, for a browser with a session and for one without.
    private func forAll(
        _ kind: StoreKind,
        _ adapter: AdapterKind,
        _ policy: TooManySessionsPolicy,
        _ scenario: @escaping @Sendable (TokenSite, Browser, Fault) async throws -> Void
    ) async throws {
        try await TokenSite.with(
            kind, adapter,
            options: {
                $0.users.maximumSessions = 1
                $0.users.whenTooManySessions = policy
                $0.conflictPolicies = ["strict": .fail]
            },
            routes: Self.addRoutes
        ) { site async throws in
            for fault in Fault.allCases {
                // Only of a session that is stored two requests can disagree.
                for hasSession in fault == .conflict ? [true] : [true, false] {
                    let browser = site.browser()
                    if hasSession { try await browser.post("/begin") }
                    try await scenario(site, browser, fault)
                    try await site.managers[1].revokeAll(of: "alice")
                }
            }
        }
    }
}
