import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// A request that is under way while its token is replaced.
@Suite struct LateAfterReplacementTests {
    @Test(
        "T2 A request under way while its token is replaced never hands the replaced one back",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func neverBack(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for options in CookieCase.usual {
            try await TokenSite.with(kind, adapter, options: { try options.configure(&$0) }) { site in
                for replacement in ["/sign-in/alice", "/rotate/0", "/rotate/60000"] {
                    for deed in TokenDeed.uses {
                        let comment: Comment = "\(options), \(replacement), \(deed)"
                        let browser = site.browser()
                        let id = try await browser.post("/begin").text
                        let late = try await browser.post(
                            "/late/\(deed)/late", to: site.ports[1], held: site.gates,
                            while: { () async throws in
                                #expect(try await browser.post(replacement).setCookies.count == 1, comment)
                                // A renewal is due again.
                                try await Task.sleep(for: .milliseconds(3))
                            })
                        #expect(late.setCookies.isEmpty, comment)
                        #expect(try await browser.get("/id", to: site.ports[1]).text == id, comment)
                        #expect(try await browser.post("/set/more").text == id, comment)
                    }
                }
            }
        }
    }

    @Test(
        "T2 A request under way while its token is replaced by itself never hands the replaced one back",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func neverBackAfterItself(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        // A second for each.
        for options in TestScale.factor > 1 ? CookieCase.allCases : [.standard, .all] {
            try await TokenSite.with(
                kind, adapter,
                options: {
                    try options.configure(&$0)
                    // The shortest there are.
                    $0.tokens.rotationInterval = .seconds(1)
                    $0.tokens.rotationGrace = .seconds(1)
                }
            ) { site in
                // All at once, so that they get old together.
                let browsers = TokenDeed.uses.map { (deed: $0, browser: site.browser()) }
                var ids: [String] = []
                var late: [Task<TestResponse, any Error>] = []
                for (deed, browser) in browsers {
                    ids.append(try await browser.post("/begin").text)
                    late.append(Task { try await browser.post("/late/\(deed)/\(deed)", to: site.ports[1]) })
                    try await site.gates.waitForOne(at: "\(deed)")
                }
                try await Task.sleep(for: .milliseconds(1005))
                for ((deed, browser), (id, late)) in zip(browsers, zip(ids, late)) {
                    let comment: Comment = "\(options), \(deed)"
                    let before = browser.token
                    #expect(try await browser.get("/who").setCookies.count == 1, comment)
                    #expect(browser.token != before, comment)
                    site.gates.open("\(deed)")
                    #expect(try await late.value.setCookies.isEmpty, comment)
                    #expect(browser.token != before, comment)
                    #expect(try await browser.get("/id", to: site.ports[1]).text == id, comment)
                    #expect(try await browser.post("/set/more").text == id, comment)
                }
            }
        }
    }

    @Test(
        "T2 Where a reused token ends its session, a browser with a late response is no thief once the grace is over",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func noThief(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let grace = 250
        for options in [CookieCase.standard, .all] {
            try await TokenSite.with(
                kind, adapter,
                options: {
                    try options.configure(&$0)
                    $0.tokens.whenReused = .endSession
                    $0.tokens.rotationGrace = .milliseconds(grace)
                }
            ) { site async throws in
                var browsers: [(browser: Browser, id: String, comment: Comment)] = []
                for replacement in ["/sign-in/alice", "/rotate/0", "/rotate/\(grace)"] {
                    for deed in TokenDeed.uses {
                        let browser = site.browser()
                        let id = try await browser.post("/begin").text
                        _ = try await browser.post("/late/\(deed)/late", to: site.ports[1], held: site.gates) {
                            () async throws in
                            #expect(try await browser.post(replacement).setCookies.count == 1)
                        }
                        browsers.append((browser, id, "\(options), \(replacement), \(deed)"))
                    }
                }
                // All the graces are over.
                try await Task.sleep(for: .milliseconds(grace + 50))
                for (browser, id, comment) in browsers {
                    for port in site.ports {
                        #expect(try await browser.get("/id", to: port).text == id, comment)
                    }
                    #expect(try await site.record(id) != nil, comment)
                }
                let reuses = site.events.all.filter { if case .tokenReused = $0 { true } else { false } }
                #expect(reuses.isEmpty)
            }
        }
    }

    @Test(
        "T3 A reload in a request whose token was replaced or whose session ended detaches it: nothing stored, no cookie",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func reload(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for options in CookieCase.usual {
            try await TokenSite.with(kind, adapter, options: { try options.configure(&$0) }) { site async throws in
                for change in ["/sign-in/alice", "/rotate/0", "/do/signOut", "/do/destroy", "/do/regenerateAndWrite"] {
                    for deed in [TokenDeed.reload, .reloadAndWrite] {
                        let comment: Comment = "\(options), \(change), \(deed)"
                        let browser = site.browser()
                        let id = try await browser.post("/begin").text
                        let before = browser.copy()
                        var (ids, record) = (Set<ModelID>(), StoredRecord?.none)
                        let late = try await before.post("/late/\(deed)/late", to: site.ports[1], held: site.gates) {
                            () async throws in
                            #expect(try await browser.post(change).status == 200, comment)
                            (ids, record) = try await (site.ids(), site.record(id))
                        }
                        #expect(late.status == 200 && late.text == "true", comment)
                        #expect(late.setCookies.isEmpty, comment)
                        #expect(try await site.ids() == ids, comment)
                        #expect(try await site.record(id) == record, comment)
                    }
                }
            }
        }
    }

    @Test(
        "T4 Ending or renewing a session with a token that was replaced meanwhile does nothing to it, and says nothing",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func replaced(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        for options in [CookieCase.standard, .all] {
            try await TokenSite.with(kind, adapter, options: { try options.configure(&$0) }) { site async throws in
                for replacement in ["/sign-in/alice", "/rotate/0"] {
                    for deed in TokenDeed.ends + [.touch] {
                        for isUnderWay in [true, false] {
                            let comment: Comment = "\(options), \(replacement), \(deed), under way: \(isUnderWay)"
                            let browser = site.browser()
                            let id = try await browser.post("/begin").text
                            let before = browser.copy()
                            var record: StoredRecord?
                            func replace() async throws {
                                #expect(try await browser.post(replacement).setCookies.count == 1)
                                record = try await site.record(id)
                                // Deadlines are kept in milliseconds.
                                try await Task.sleep(for: .milliseconds(3))
                            }
                            let late: TestResponse
                            if isUnderWay {
                                late = try await before.post(
                                    "/late/\(deed)/late", to: site.ports[1], held: site.gates, while: replace)
                            } else {
                                try await replace()
                                late = try await before.post("/do/\(deed)", to: site.ports[1])
                            }
                            #expect(late.setCookies.isEmpty, comment)
                            #expect(record != nil)
                            #expect(try await site.record(id) == record, comment)
                            browser.take(late)
                            #expect(try await browser.get("/id").text == id, comment)
                        }
                    }
                }
            }
        }
    }
}
