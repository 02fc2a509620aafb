import SessTestSupport
import Testing

@Suite("The examples of middler")
struct MiddlerExampleTests {
    private func answer(
        _ browser: Browser, _ method: String, _ path: String, host: String = "localhost", body: String = ""
    ) async throws -> String {
        let response = try await browser.send(
            TestRequest(method, path, headers: [("Host", host)], body: Array(body.utf8)))
        return "\(response.status) \(response.text)"
    }

    private func expect(_ browser: Browser, _ method: String, _ path: String, _ expected: String) async throws {
        #expect(try await answer(browser, method, path) == expected, "\(method) \(path)")
    }

    @Test("basic answers, and has a page for what isn't there")
    func basic() async throws {
        try await withTemporaryDirectory { directory in
            try await ExampleProgram.serving("middler-basic", in: directory) { browser in
                let answers = [("/", "200 hello world!\n"), ("/elsewhere", "404 page not found...\n")]
                for (path, expected) in answers { try await expect(browser, "GET", path, expected) }
            }
        }
    }

    @Test("routing finds handlers by method, path, expression and host, in the order of their weights")
    func routing() async throws {
        try await withTemporaryDirectory { directory in
            try await ExampleProgram.serving("middler-routing", in: directory) { browser in
                let answers = [
                    ("GET", "/robots.txt", "200 humans only!\n"), ("GET", "/posts/7", "200 post 7\n"),
                    ("GET", "/articles/2024/may", "200 articles of [\"2024\", \"may\"]\n"),
                    ("GET", "/v12", "200 version 12\n"), ("PUT", "/a", "200 changed\n"),
                    ("PATCH", "/a", "200 changed\n"),
                    ("PUT", "/b", "404 nothing at /b\n"), ("GET", "/vx", "404 nothing at /vx\n"),
                ]
                for (method, path, expected) in answers { try await expect(browser, method, path, expected) }
                #expect(try await answer(browser, "POST", "/posts", body: "12345") == "201 5 bytes\n")
                #expect(try await answer(browser, "GET", "/x", host: "api.localhost") == "200 for programs\n")
                #expect(try await answer(browser, "GET", "/whoops").hasPrefix("500 sorry: "))
            }
        }
    }

    @Test("stack runs handlers in the order of their weights, and what was removed no more")
    func stack() async throws {
        try await withTemporaryDirectory { directory in
            try await ExampleProgram.serving("middler-stack", in: directory) { browser in
                let answers = [
                    ("GET", "/", "200 GET of the root\n"), ("POST", "/", "200 POST of the root\n"),
                    ("GET", "/about", "404 page not found\n"), ("GET", "/posts", "404 page not found\n"),
                ]
                for (method, path, expected) in answers { try await expect(browser, method, path, expected) }
                #expect(try await answer(browser, "POST", "/posts", body: "a=1") == "200 stored a=1\n")
            }
        }
    }

    @Test("embedding mounts chains in chains, each with its own errors")
    func embedding() async throws {
        try await withTemporaryDirectory { directory in
            try await ExampleProgram.serving("middler-embedding", in: directory) { browser in
                let answers = [
                    ("/", "200 welcome\n"), ("/blog", "200 all posts\n"),
                    ("/blog/posts/7", "200 post 7 of /blog/posts/7\n"), ("/elsewhere", "404 page not found...\n"),
                ]
                for (path, expected) in answers { try await expect(browser, "GET", path, expected) }
                #expect(try await answer(browser, "GET", "/shop").hasPrefix("403 The shop says: "))
                let host = try await answer(browser, "GET", "/", host: "admin.example.com")
                #expect(host == "200 a virtual host of its own\n")
            }
        }
    }
}
