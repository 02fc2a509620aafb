import Modeler
import Sess
import SessTestSupport
import SessTesting
import Testing

/// Servers of one site of which one lacks what the other has, as during a deploy.
@Suite struct UnequalServersTests {
    /// What is added step by step, server by server.
    private enum Addition: String, CaseIterable, Sendable {
        case encryptionKey, signingKey, schema

        /// Options with a number of steps done: 0 knows the old one only, 1 knows the new one too, 2 uses it.
        func configure(_ options: inout SessionOptions, step: Int) throws {
            switch self {
            case .encryptionKey:
                let (old, new) = (Self.key("old", 1), Self.key("new", 2))
                options.store.encryptionKeys = try KeyRing([[old], [old, new], [new, old]][step])
            case .signingKey:
                let (old, new) = ("the key that was there before", "the key that comes with a deploy")
                options.tokens.signingKeys = try SigningKeys([[old], [old, new], [new, old]][step])
            case .schema:
                options.schema = try SessionSchema(version: step == 0 ? 1 : 2) { steps in
                    steps.migrate(from: 0) { _ in }
                    if step > 0 { steps.migrate(from: 1) { $0["migrated"] = true } }
                }
            }
        }

        private static func key(_ name: String, _ byte: UInt8) -> KeyRing.Key {
            KeyRing.Key(name: name, bytes: Array(repeating: byte, count: 32))
        }
    }

    @Test(
        "T11 A server that lacks the newest key or schema serves the others' sessions as detached and changes no cookie",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func lacking(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for addition in Addition.allCases {
            for cookies in [CookieCase.standard, .all] {
                try await TokenSite.with(
                    kind, adapter,
                    options: {
                        try cookies.configure(&$0)
                        try addition.configure(&$0, step: 2)
                    },
                    second: { try addition.configure(&$0, step: 0) }
                ) { site async throws in
                    for user in ["alice", nil] {
                        let browser = site.browser()
                        let id = try await browser.post("/begin").text
                        if let user { try await browser.post("/sign-in/\(user)") }
                        let token = browser.token
                        let (ids, record) = try await (site.ids(), site.record(id))
                        for deed in [TokenDeed.nothing, .read, .write] {
                            let response = try await browser.post("/do/\(deed)", to: site.ports[1])
                            #expect(response.status == 200, "\(addition), \(cookies), \(deed)")
                            #expect(response.text == "true", "\(addition), \(cookies), \(deed)")
                            #expect(response.setCookies.isEmpty, "\(addition), \(cookies), \(deed)")
                        }
                        // They tell that nothing could be done, and do nothing.
                        for deed in [TokenDeed.save, .increment, .touch, .reload] {
                            let response = try await browser.post("/do/\(deed)", to: site.ports[1])
                            #expect(response.setCookies.isEmpty, "\(addition), \(cookies), \(deed)")
                        }
                        #expect(browser.token == token, "\(addition), \(cookies)")
                        #expect(try await site.ids() == ids, "\(addition), \(cookies)")
                        #expect(try await site.record(id) == record, "\(addition), \(cookies)")
                        #expect(try await browser.get("/who").text == user ?? "nobody", "\(addition), \(cookies)")
                        #expect(try await browser.get("/id").text == id, "\(addition), \(cookies)")
                    }
                }
            }
        }
    }

    @Test(
        "T11 A sign-in at a server that lacks the newest key or schema begins a session that both can read",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func signIn(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for addition in Addition.allCases {
            try await TokenSite.with(
                kind, adapter, options: { try addition.configure(&$0, step: 2) },
                second: { try addition.configure(&$0, step: 0) }
            ) { site async throws in
                let browser = site.browser()
                let id = try await browser.post("/begin").text
                let response = try await browser.post("/sign-in/alice", to: site.ports[1])
                #expect(response.status == 200 && response.setCookies.count == 1, "\(addition)")
                #expect(response.text != id, "\(addition)")
                for port in site.ports.reversed() {
                    #expect(try await browser.get("/who", to: port).text == "alice", "\(addition)")
                }
            }
        }
    }

    @Test(
        "T11 A key or schema that is added to a cluster step by step logs nobody out",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func stepByStep(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for addition in Addition.allCases {
            try await withStore(kind) { store in
                let browsers = Browsers()
                // Known to one server, to both, used by one, by both.
                for steps in [[0, 0], [1, 0], [1, 1], [2, 1], [2, 2]] {
                    // A version that one server doesn't know is nothing that is added last.
                    let isKnown = addition != .schema || steps[0] == steps[1] || steps == [2, 1]
                    try await TokenSite.serve(
                        store, adapter, options: { try addition.configure(&$0, step: steps[0]) },
                        second: { try addition.configure(&$0, step: steps[1]) }
                    ) { site async throws in
                        for (port, server) in zip(site.ports, [0, 1]) {
                            let browser = Browser(port: port, client: site.client)
                            let user = "user-\(steps[0])\(steps[1])\(server)"
                            #expect(try await browser.post("/sign-in/\(user)").status == 200)
                            browsers.all.append((user, browser.cookies))
                        }
                        for (index, (user, cookies)) in browsers.all.enumerated() {
                            let browser = Browser(port: site.ports[0], client: site.client, cookies: cookies)
                            for port in site.ports + site.ports.reversed() {
                                let comment: Comment = "\(addition), \(steps), \(user)"
                                let response = try await browser.get("/who", to: port)
                                if isKnown {
                                    #expect(response.text == user, comment)
                                    #expect(try await browser.post("/set/seen", to: port).status == 200, comment)
                                }
                                #expect(response.setCookies.isEmpty, comment)
                            }
                            browsers.all[index].cookies = browser.cookies
                        }
                    }
                }
            }
        }
    }

    /// Who is signed in, with their cookies. Used by one task at a time.
    private final class Browsers: @unchecked Sendable {
        var all: [(user: String, cookies: CookieJar)] = []
    }
}
