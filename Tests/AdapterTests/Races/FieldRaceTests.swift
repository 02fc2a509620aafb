import Modeler
import Sess
import SessTestSupport
import Testing

/// Two requests that change fields of one session at once, through two servers of one store.
@Suite struct FieldRaceTests {
    @Test(
        "C1 Two requests change different fields at once: both survive, and there is no conflict",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func differentFields(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let (gates, events) = (Gates(), EventLog())
        try await withTwoServers(on: adapter, over: kind, configure: { $0.onEvent = events.append }) { app in
            app.post("/begin") { request in
                request.session.data = ["a": 0, "b": 0]
                return "ok"
            }
            app.post("/set/:name/:value") { request in
                let (name, value) = (request.parameter("name") ?? "", request.parameter("value") ?? "")
                request.session[name] = JSONValue(integerLiteral: Int(value) ?? -1)
                request.session["\(name)\(value)"] = true
                try await gates.pass(name)
                return "ok"
            }
            app.get("/read") { request in
                let session = request.session
                return
                    "\(session.revision) \(session["a", default: 0]) \(session["b", default: 0]) \(session.names.count)"
            }
        } _: { first, second, _ in
            let browser = Browser(port: first)
            try await browser.post("/begin")
            for round in 1...9 {
                let other = browser.copy()
                async let one = browser.post("/set/a/\(round)")
                async let two = other.post("/set/b/\(round)", to: second)
                try await gates.waitForOne(at: "a", "b")
                // One before the other, the other before it, and both at once.
                gates.open(round % 3 == 1 ? "b" : "a")
                if round % 3 == 0 { #expect(try await one.status == 200) }
                if round % 3 == 1 { #expect(try await two.status == 200) }
                gates.open(round % 3 == 1 ? "a" : "b")
                for response in try await [one, two] {
                    #expect(response.status == 200)
                    #expect(response.setCookies.isEmpty)
                }
                #expect(
                    try await browser.get("/read").text == "\(1 + 2 * round) \(round) \(round) \(2 + 2 * round)")
            }
            #expect(events.take() == [])
            await browser.client.closeIdle()
        }
    }

    private static let policies: [(field: String, policy: ConflictPolicy, name: String, outcome: String)] = [
        ("last", .lastWriter, "lastWriter", "12 true"), ("keep", .keepFirst, "keepFirst", "11 true"),
        ("fail", .fail, "fail", "11 false"), ("counter", .counter, "merge", "13 true"),
        ("maximum", .maximum, "merge", "12 true"),
        (
            "sum", .merging(Int.self) { base, mine, theirs in (mine ?? 0) + (theirs ?? 0) - (base ?? 0) }, "merge",
            "13 true"
        ),
    ]

    @Test(
        "C2 Two requests change one field: the declared policy decides, the same each time, and it is reported",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func oneField(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let (gates, events) = (Gates(), EventLog())
        try await withTwoServers(on: adapter, over: kind) { options in
            options.onEvent = events.append
            for row in Self.policies { options.conflictPolicies[row.field] = row.policy }
        } routes: { app in
            app.post("/reset/:name") { request in
                let name = request.parameter("name") ?? ""
                request.session.data = [name: 10]
                return "ok"
            }
            app.post("/set/:name/:value") { request in
                let (name, value) = (request.parameter("name") ?? "", request.parameter("value") ?? "")
                request.session[name] = JSONValue(integerLiteral: Int(value) ?? 0)
                request.session["own\(value)"] = true
                try await gates.pass(value)
                return "ok"
            }
            app.get("/read/:name") { request in
                let value = request.session[request.parameter("name") ?? ""].int ?? -1
                return "\(value) \(request.session.contains("own12"))"
            }
        } _: { first, second, _ in
            let browser = Browser(port: first)
            for (name, _, policy, outcome) in Self.policies {
                for round in 0..<4 {
                    try await browser.post("/reset/\(name)")
                    _ = events.take()
                    let other = browser.copy()
                    let late = try await other.post(
                        "/set/\(name)/12", to: round.isMultiple(of: 2) ? second : first, held: gates
                    ) { () async throws in
                        gates.open("11")
                        #expect(try await browser.post("/set/\(name)/11").status == 200)
                    }
                    #expect(late.status == (name == "fail" ? 409 : 200), "\(name)")
                    #expect(late.setCookies.isEmpty)
                    #expect(try await browser.get("/read/\(name)").text == outcome, "\(name)")
                    let reported = events.take()
                    #expect(reported.count == 1, "\(name): \(reported)")
                    guard case .conflict(_, name, policy) = reported.first else {
                        Issue.record("\(name): \(reported)")
                        continue
                    }
                }
            }
            await browser.client.closeIdle()
        }
    }

    @Test(
        "C3 Removing field A against writing field B, in both orders: A stays removed, B is kept",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func removal(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let gates = Gates()
        try await withTwoServers(on: adapter, over: kind) { app in
            app.post("/reset") { request in
                request.session.data = ["a": 1, "b": 1]
                return "ok"
            }
            app.post("/remove") { request in
                request.session.unset("a")
                try await gates.pass("remove")
                return "ok"
            }
            app.post("/write") { request in
                request.session["b"] = 2
                try await gates.pass("write")
                return "ok"
            }
            app.get("/read") { request in "\(request.session.contains("a")) \(request.session["b", default: 0])" }
        } _: { first, second, _ in
            let browser = Browser(port: first)
            for (late, early) in [("remove", "write"), ("write", "remove")] {
                try await browser.post("/reset")
                let other = browser.copy()
                let response = try await other.post("/\(late)", to: second, held: gates) { () async throws in
                    gates.open(early)
                    #expect(try await browser.post("/\(early)").status == 200)
                }
                #expect(response.status == 200)
                #expect(try await browser.get("/read").text == "false 2", "\(early) before \(late)")
            }
            await browser.client.closeIdle()
        }
    }
}
