import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// Records in Redis whose numbers are at their bounds or no numbers. Each test is a process of its own, since a number
/// that is too large may end the process.
@Suite struct RecordBoundsTests {
    private static let numbers = [
        "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "18446744073709551616", "99999999999999999999999999", "-1", "-9223372036854775808", "1e3", "0x10", "", " ",
        "1.5", "nan", "inf", "١",
    ]

    @Test("T17 A record with any number at any place of its head is read or is a fresh session, never a crash")
    func head() async throws {
        try await withRedisServer { server in
            _ = await #expect(processExitsWith: .success) {
                [port = server.port as Int, path = server.directory as String] in
                try await RecordBoundsTests.forAdapters(port, path) { try await RecordBoundsTests.expectHeads($0) }
            }
        }
    }

    @Test("T17 A record with any number as a field's revision is read or is a fresh session, never a crash")
    func revisions() async throws {
        try await withRedisServer { server in
            _ = await #expect(processExitsWith: .success) {
                [port = server.port as Int, path = server.directory as String] in
                try await RecordBoundsTests.forAdapters(port, path) { try await RecordBoundsTests.expectRevisions($0) }
            }
        }
    }

    /// The server is the parent's, so that it ends although this process may not end in good order.
    private static func forAdapters(
        _ port: Int, _ directory: String, _ body: @escaping @Sendable (TokenSite) async throws -> Void
    ) async throws {
        try await withStore(on: RedisTestServer(runningAt: port, directory: directory)) { store in
            for adapter in AdapterKind.allCases { try await TokenSite.serve(store, adapter, body) }
        }
    }

    private static func expectHeads(_ site: TokenSite) async throws {
        let server = try #require(site.store.server)
        let browser = site.browser()
        let id = try await browser.post("/begin").text
        let key = StoreKind.prefix + "sessions:" + id
        let head = try #require(try await server.command("HGET", key, "@").text)
        let parts = head.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        #expect(parts.count >= 6)
        for place in parts.indices {
            for number in numbers {
                var changed = parts
                changed[place] = number
                try await expectAnswers(site, browser, key, ["@": changed.joined(separator: " ")])
            }
        }
        let all = parts.map { _ in "9223372036854775807" }.joined(separator: " ")
        for text in [all, "", "x", String(repeating: "9 ", count: 500)] {
            try await expectAnswers(site, browser, key, ["@": text])
        }
        try await server.command("HSET", key, "@", head)
        #expect(try await browser.get("/id").text == id, "what was put back is the session again")
    }

    private static func expectRevisions(_ site: TokenSite) async throws {
        let server = try #require(site.store.server)
        let browser = site.browser()
        let id = try await browser.post("/begin").text
        let key = StoreKind.prefix + "sessions:" + id
        guard case .array(let stored) = try await server.command("HGETALL", key) else { return }
        let names = stride(from: 0, to: stored.count, by: 2).compactMap { stored[$0].text }
        for name in names where name != "@" && name != "@id" {
            let value = try #require(try await server.command("HGET", key, name).text)
            let rest = value.drop { $0 != ":" }
            for number in numbers { try await expectAnswers(site, browser, key, [name: number + rest]) }
            try await server.command("HSET", key, name, value)
        }
        #expect(try await browser.get("/id").text == id)
    }

    private static func expectAnswers(
        _ site: TokenSite, _ browser: Browser, _ key: String, _ fields: [String: String]
    ) async throws {
        let server = try #require(site.store.server)
        for (name, value) in fields { try await server.command("HSET", key, name, value) }
        guard case .array(let before) = try await server.command("HGETALL", key) else { return }
        let id = key.dropFirst((StoreKind.prefix + "sessions:").count)
        for port in site.ports {
            // Its copy keeps the token, also where this one begins anew.
            let visitor = browser.copy()
            let read = try await visitor.get("/id", to: port)
            #expect(read.status == 200, "\(fields)")
            #expect(read.setCookies.isEmpty, "\(fields)")
            let written = try await visitor.post("/set/more", to: port)
            #expect([200, 409].contains(written.status), "\(fields)")
            // A record of a newer layout is detached: nothing is begun in its place.
            if written.status == 200, !written.setCookies.isEmpty || written.text == id {
                #expect(try await visitor.get("/id", to: port).text == written.text, "\(fields)")
            }
        }
        // What a request has written to the record, where that can be read, is put back.
        try await server.command("DEL", key)
        for index in stride(from: 0, to: before.count - 1, by: 2) {
            try await server.command("HSET", key, before[index].text ?? "", before[index + 1].text ?? "")
        }
        try await server.command("PEXPIRE", key, "600000")
    }
}
