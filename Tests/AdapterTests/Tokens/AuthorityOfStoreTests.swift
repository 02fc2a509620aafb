import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// A Redis that isn't the authority over the sessions, or not any more.
@Suite struct AuthorityOfStoreTests {
    @Test("T16 A master that was demoted answers no request: 503, and no cookie", arguments: AdapterKind.allCases)
    func demoted(_ adapter: AdapterKind) async throws {
        try await TokenSite.with(.redis, adapter) { site async throws in
            let server = try #require(site.store.server)
            let browser = site.browser()
            let id = try await browser.post("/sign-in/alice").text
            let token = browser.token
            // Nobody is at that port: the data stays, and writes are refused.
            try await server.command("REPLICAOF", "127.0.0.1", "\(try unusedPort())")
            try await expectRefusals(site, browser, "demoted")
            #expect(browser.token == token)
            try await server.command("REPLICAOF", "NO", "ONE")
            try await eventually { try await browser.get("/id").text == id }
            try await eventually { try await browser.get("/who", to: site.ports[1]).text == "alice" }
        }
    }

    @Test("T16 A replica of an empty master answers no request: 503, and no cookie", arguments: AdapterKind.allCases)
    func emptied(_ adapter: AdapterKind) async throws {
        try await withRedisServer(arguments: ["--repl-diskless-sync-delay", "0"]) { empty in
            try await TokenSite.with(.redis, adapter) { site async throws in
                let server = try #require(site.store.server)
                let browser = site.browser()
                try await browser.post("/sign-in/alice")
                let token = browser.token
                try await server.command("REPLICAOF", "127.0.0.1", "\(empty.port)")
                // It has taken over that the master has nothing.
                try await eventually { try await server.command("DBSIZE").integer == 0 }
                try await expectRefusals(site, browser, "emptied")
                #expect(browser.token == token)
            }
        }
    }

    @Test(
        "T16 A master that has lost its data takes no cookie away and gives none",
        arguments: AdapterKind.allCases)
    func restarted(_ adapter: AdapterKind) async throws {
        try await TokenSite.with(.redis, adapter) { site async throws in
            let server = try #require(site.store.server)
            let browser = site.browser()
            try await browser.post("/sign-in/alice")
            let token = browser.token
            try await server.kill()
            try await server.start()
            // Whether it is refused or the session is gone: no cookie in place of the client's.
            for path in ["/who", "/id", "/names"] {
                let response = try await browser.get(path)
                #expect([200, 503].contains(response.status))
                #expect(response.setCookies.isEmpty)
            }
            #expect(browser.token == token)
        }
    }

    private func expectRefusals(_ site: TokenSite, _ browser: Browser, _ what: String) async throws {
        for port in site.ports {
            for path in ["/who", "/names"] {
                let response = try await browser.get(path, to: port)
                #expect(response.status == 503, "\(what): \(path)")
                #expect(response.setCookies.isEmpty, "\(what): \(path)")
            }
            for path in ["/do/write", "/do/save", "/do/touch", "/do/signOut", "/sign-in/bob", "/rotate/0"] {
                let response = try await browser.post(path, to: port)
                #expect(response.status == 503, "\(what): \(path)")
                #expect(response.setCookies.isEmpty, "\(what): \(path)")
            }
        }
        let response = try await site.browser().post("/begin")
        #expect(response.status == 503 && response.setCookies.isEmpty, "\(what): new")
    }

    private func unusedPort() throws -> Int { try RedisTestServer().port }
}
