import Modeler
import RedisTestServer
import SessTestSupport
import Testing

@Suite("The examples of sess and sesame")
struct SessionExampleTests {
    @Test("sess-basic is the ancestor's interface over a session")
    func basic() async throws {
        try await withTemporaryDirectory { directory in
            try await ExampleProgram.serving("sess-basic", in: directory) { browser in
                let fresh = try await browser.get("/session")
                #expect(fresh.rev == 0 && fresh.setCookies.isEmpty)
                let written = try await browser.post("/session", #"{"its":{"working":true},"id":"x","rev":9}"#)
                #expect(written.rev == 1 && written.setCookies.count == 1)
                #expect(written.json["its"]["working"] == true && written.id != "x")
                let read = try await browser.get("/")
                #expect(read.json == written.json)
                #expect(try await browser.post("/session", "[]").status == 400)
                #expect(try await browser.send(.delete("/session")).status == 204)
                let after = try await browser.get("/session")
                #expect(after.rev == 0 && after.id != written.id && after.json["its"] == .null)
                #expect(try await browser.get("/elsewhere").status == 404)
            }
        }
    }

    @Test("sess-redis counts together on two servers")
    func redis() async throws {
        try await withTemporaryDirectory { directory in
            try await withRedisServer { server in
                let environment = ["REDIS_URL": server.url]
                try await ExampleProgram.serving("sess-redis", environment: environment, in: directory) { first in
                    try await ExampleProgram.serving("sess-redis", environment: environment, in: directory) { second in
                        let begun = try await first.get("/")
                        let id = try #require(begun.text.split(whereSeparator: \.isWhitespace).last)
                        #expect(begun.text == "1 times in session \(id)\n")
                        #expect(try await first.get("/", to: second.port).text == "2 times in session \(id)\n")
                        #expect(try await first.get("/").text == "3 times in session \(id)\n")
                        #expect(try await second.get("/").text.hasPrefix("1 times"))
                        #expect(try await server.keys().contains("myapp:sessions:\(id)"))
                    }
                }
            }
        }
    }

    private func expect(_ browser: Browser, _ path: String, _ text: String) async throws {
        #expect(try await browser.get(path).text == text)
    }

    @Test("sesame-counter forgets when it stops")
    func counter() async throws {
        try await withTemporaryDirectory { directory in
            var browser: Browser?
            for _ in 0..<2 {
                let cookies = browser?.cookies
                browser = try await ExampleProgram.serving("sesame-counter", in: directory) { other in
                    let browser = cookies.map { Browser(port: other.port, cookies: $0) } ?? other
                    try await expect(browser, "/", "1 times!\n")
                    try await expect(browser, "/", "2 times!\n")
                    return browser
                }
            }
        }
    }

    @Test("S14 sesame-counter-sqlite goes on where it was; an emptied session begins anew")
    func embeddedCounter() async throws {
        try await withTemporaryDirectory { directory in
            let cookies = try await ExampleProgram.serving("sesame-counter-sqlite", in: directory) { browser in
                try await expect(browser, "/", "1 times!\n")
                try await expect(browser, "/", "2 times!\n")
                return browser.cookies
            }
            try await ExampleProgram.serving("sesame-counter-sqlite", in: directory) { fresh in
                let browser = Browser(port: fresh.port, cookies: cookies)
                try await expect(browser, "/", "3 times!\n")
                try await expect(browser, "/reset", "emptied\n")
                try await expect(browser, "/", "1 times!\n")
            }
        }
    }
}
