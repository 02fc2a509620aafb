import Sess
import SessTestSupport
import Testing

/// A form that is sent more than once.
@Suite struct SignInFormTests {
    /// A sign-in that stops before it and after it.
    private static func addRoutes(_ app: AppRoutes, _ site: TokenSite) {
        app.post("/form/:user/:place") { request in
            let place = request.parameter("place") ?? ""
            try await site.gates.pass(place)
            try await request.session.signIn(userID: request.parameter("user") ?? "")
            try await site.gates.pass(place + "-answer")
            return "\(request.session.id)"
        }
    }

    @Test(
        "T6 A sign-in form sent twice at once signs in both times, and the browser is signed in whichever answer is last",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func twice(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(kind, adapter, routes: Self.addRoutes) { site async throws in
            for hasSession in [true, false] {
                for signedIn in [["one", "two"], ["two", "one"]] {
                    for answered in [["one", "two"], ["two", "one"]] {
                        let comment: Comment = "\(hasSession), signed in \(signedIn), answered \(answered)"
                        let browser = site.browser()
                        if hasSession { try await browser.post("/begin") }
                        let before = browser.copy()
                        async let one = before.copy().post("/form/alice/one")
                        async let two = before.copy().post("/form/alice/two", to: site.ports[1])
                        try await site.gates.waitForOne(at: "one", "two")
                        for place in signedIn {
                            site.gates.open(place)
                            // Where it is refused, it gets no further.
                            try? await site.gates.waitForOne(at: place + "-answer", within: .milliseconds(500))
                        }
                        for place in answered { site.gates.open(place + "-answer") }
                        let responses = try await ["one": one, "two": two]
                        for place in answered {
                            let response = try #require(responses[place])
                            #expect(response.status == 200, comment)
                            #expect(response.setCookies.count == 1, comment)
                            browser.take(response)
                        }
                        for port in site.ports {
                            #expect(try await browser.get("/who", to: port).text == "alice", comment)
                        }
                        #expect(try await before.get("/who").text == "nobody", comment)
                        site.gates.close()
                    }
                }
            }
        }
    }

    @Test(
        "T6 A sign-in form sent twice in whatever order the machine makes of it signs the browser in",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func racing(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(kind, adapter) { site async throws in
            for _ in 0..<20 {
                let browser = site.browser()
                try await browser.post("/begin")
                async let one = browser.post("/sign-in/alice")
                async let two = browser.post("/sign-in/alice", to: site.ports[1])
                let statuses = try await [one.status, two.status]
                #expect(statuses == [200, 200])
                #expect(try await browser.get("/who").text == "alice")
            }
        }
    }

    @Test(
        "T6 A sign-in form sent again after its answer was lost signs the browser in, also where reuse ends a session",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func again(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for (policy, grace) in [(SessionOptions.ReusedTokenPolicy.report, 30_000), (.endSession, 1)] {
            try await TokenSite.with(
                kind, adapter,
                options: {
                    $0.tokens.whenReused = policy
                    $0.tokens.rotationGrace = .milliseconds(grace)
                }
            ) { site async throws in
                for hasSession in [true, false] {
                    let browser = site.browser()
                    if hasSession { try await browser.post("/begin") }
                    // The browser never sees this answer.
                    #expect(try await browser.copy().post("/sign-in/alice").status == 200)
                    try await Task.sleep(for: .milliseconds(3))
                    let response = try await browser.post("/sign-in/alice", to: site.ports[1])
                    #expect(response.status == 200)
                    #expect(try await browser.get("/who").text == "alice")
                    // And the one after it, with the session of the second.
                    #expect(try await browser.post("/sign-in/alice").status == 200)
                    #expect(try await browser.get("/who", to: site.ports[1]).text == "alice")
                }
            }
        }
    }

    @Test(
        "T6 Whoever planted the token that a form was sent with, once or twice, gets nothing",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func planted(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await TokenSite.with(kind, adapter, routes: Self.addRoutes) { site async throws in
            let thief = site.browser()
            try await thief.post("/begin")
            let victim = thief.copy()
            let forms = zip(["one", "two"], site.ports).map { place, port in
                Task { try await victim.copy().post("/form/victim/\(place)", to: port) }
            }
            // One of the thief's is under way, too.
            let late = try await thief.copy().post(
                "/late/save/thief", held: site.gates,
                while: { () async throws in
                    try await site.gates.waitForOne(at: "one", "two")
                    for place in ["one", "one-answer", "two", "two-answer"] { site.gates.open(place) }
                    for form in forms { victim.take(try await form.value) }
                })
            #expect(late.setCookies.isEmpty)
            #expect(try await victim.get("/who").text == "victim")
            for port in site.ports {
                let seen = try await thief.copy().get("/who", to: port)
                #expect(seen.text == "nobody" && seen.setCookies.isEmpty)
                #expect(try await thief.copy().get("/names", to: port).text == "")
            }
            let id = try await victim.get("/id").text
            #expect(try await thief.post("/set/thief").text != id)
            #expect(try await thief.get("/who").text == "nobody")
            // The second form may have begun a session of its own, with nothing in it.
            #expect(try await ["begun", ""].contains(victim.get("/names").text))
        }
    }
}
