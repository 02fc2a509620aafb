import HTTPTypes
import NIOCore
import Synchronization
import Testing

@testable import Middler

/// Which handlers a request meets.
@Suite struct RoutingTests {
    /// What a chain answers, its status before the text where it isn't 200.
    private func ask(
        _ chain: HandlerChain, _ method: HTTPRequest.Method, _ path: String, host: String = "localhost"
    ) async throws -> String {
        let head = HTTPRequest(method: method, scheme: "http", authority: host, path: path)
        do {
            let response = try await chain.handle(Request(head: head), next: .none)
            return text(response)
        } catch let error as HTTPError {
            return "\(error.status.code)"
        }
    }

    private func text(_ response: Response) -> String {
        guard response.status == .ok else { return "\(response.status.code)" }
        return response.body.text
    }

    struct Row: Sendable {
        var pattern: RouteFilter
        var method = HTTPRequest.Method.get
        var path: String
        var host = "localhost"
        /// The parameters; `nil` where the pattern doesn't match.
        var answer: String?
    }

    static let rows: [Row] = [
        Row(pattern: "/", path: "/", answer: "[]"), Row(pattern: "/", path: "/a", answer: nil),
        Row(pattern: "/robots.txt", path: "/robots.txt", answer: "[]"),
        Row(pattern: "/robots.txt", path: "/robotsXtxt", answer: nil),
        Row(pattern: "/a", path: "/a?b=c", answer: "[]"), Row(pattern: "/a", path: "/A", answer: nil),
        Row(pattern: "/a", path: "/a/", answer: nil), Row(pattern: "/a/", path: "/a/", answer: "[]"),
        Row(pattern: .path("a"), path: "/a", answer: "[]"),
        // Names.
        Row(pattern: "/posts/:id", path: "/posts/512", answer: "id=512 []"),
        Row(pattern: "/posts/:id", path: "/posts/", answer: nil),
        Row(pattern: "/posts/:id", path: "/posts/a/b", answer: nil),
        Row(pattern: "/posts/:id", path: "/posts/a%2Fb%20c", answer: "id=a/b c []"),
        Row(pattern: "/posts/:id", path: "/posts/%E4%B8%96", answer: "id=世 []"),
        Row(pattern: "/posts/:id", path: "/posts/%zz", answer: "400"),
        Row(pattern: "/posts/:id", path: "/posts/%ff", answer: "400"),
        Row(pattern: "/posts/:id", path: "/posts/a%2", answer: "400"),
        Row(pattern: "/:id/:name/x", path: "/7/b/x", answer: "id=7 name=b []"),
        Row(pattern: "/:id-:name", path: "/7-b-c", answer: "id=7 name=b-c []"),
        Row(pattern: "/:id.json", path: "/a.b.json", answer: "id=a.b []"),
        Row(pattern: "/:id.json", path: "/.json", answer: nil),
        Row(pattern: "/a:/:", path: "/a:/:", answer: "[]"),
        // Stars.
        Row(pattern: "/articles/*/*", path: "/articles/a/b", answer: "[a b]"),
        Row(pattern: "/articles/*/*", path: "/articles/a/b/c", answer: "[a/b c]"),
        Row(pattern: "/articles/*/*", path: "/articles/a", answer: nil),
        Row(pattern: "/posts/*", path: "/posts/a/b/c", answer: "[a/b/c]"),
        Row(pattern: "/posts/*", path: "/posts/", answer: "[]"), Row(pattern: "/posts/*", path: "/posts", answer: nil),
        Row(pattern: "/*", path: "/", answer: "[]"), Row(pattern: "/*/edit", path: "/a/edit", answer: "[a]"),
        Row(pattern: "/*/edit", path: "/a/b/edit", answer: "[a/b]"),
        Row(pattern: "/*/edit", path: "/edit", answer: nil), Row(pattern: "/*/edit", path: "/a/edit/", answer: nil),
        Row(pattern: "/*/:name", path: "/a/b/c", answer: "name=c [a/b]"),
        Row(pattern: "/:id/*/x", path: "/a/b/c/x", answer: "id=a [b/c]"),
        Row(pattern: "/posts*", path: "/posts", answer: "[]"),
        Row(pattern: "/posts*", path: "/posts/a", answer: "[/a]"),
        Row(pattern: "/files/*.png", path: "/files/a/b.png", answer: "[a/b]"),
        Row(pattern: "/files/*.png", path: "/files/a.b.png", answer: "[a.b]"),
        Row(pattern: "/files/*.png", path: "/files/a.gif", answer: nil),
        Row(pattern: "/*a*b", path: "/aXab", answer: "[aX ]"), Row(pattern: "/*aa", path: "/aaa", answer: "[a]"),
        // Regular expressions.
        Row(pattern: .regex(#//posts/\d+/#), path: "/posts/12", answer: "[]"),
        Row(pattern: .regex(#//posts/\d+/#), path: "/old/posts/12/x", answer: "[]"),
        Row(pattern: .regex(#//posts/\d+/#), path: "/posts/x", answer: nil),
        Row(pattern: .regex(#/^/posts/\d+$/#), path: "/posts/12", answer: "[]"),
        Row(pattern: .regex(#/^/posts/\d+$/#), path: "/posts/12/x", answer: nil),
        Row(pattern: .regex(#/^/posts/\d+$/#), path: "/old/posts/12", answer: nil),
        Row(pattern: .regex(#/(?i)/POSTS/#), path: "/posts/12", answer: "[]"),
        Row(pattern: .regex(#/caf%C3%A9/(.+)/#), path: "/caf%C3%A9/%C3%A9?x", answer: "[é]"),
        Row(pattern: .regex(#//(?<year>\d+)-(\d+)/#), path: "/2024-05", answer: "year=2024 [05]"),
        // Methods.
        Row(pattern: .get, path: "/", answer: "[]"), Row(pattern: .get, method: .post, path: "/", answer: nil),
        Row(pattern: .get, method: .head, path: "/", answer: "[]"),
        Row(pattern: .head, method: .get, path: "/", answer: nil),
        Row(pattern: .post, method: .head, path: "/", answer: nil),
        Row(pattern: [.get, .post], method: .post, path: "/", answer: "[]"),
        Row(pattern: [.get, .post], method: .put, path: "/", answer: nil),
        Row(pattern: [.put, "/a", "/b"], method: .put, path: "/b", answer: "[]"),
        Row(pattern: [.put, "/a", "/b"], method: .put, path: "/c", answer: nil),
        Row(pattern: [.put, "/a", "/b"], path: "/b", answer: nil),
        Row(pattern: .options, method: .options, path: "*", answer: "[]"),
        Row(pattern: "/*", method: .options, path: "*", answer: nil),
        // Hosts.
        Row(pattern: "localhost", path: "/", host: "LOCALHOST:3000", answer: "[]"),
        Row(pattern: "LocalHost", path: "/", answer: "[]"),
        Row(pattern: "localhost", path: "/", host: "127.0.0.1", answer: nil),
        Row(pattern: "*.mydomain.com", path: "/", host: "www.mydomain.com:80", answer: "[]"),
        Row(pattern: "*.mydomain.com", path: "/", host: "a.b.mydomain.com", answer: "[]"),
        Row(pattern: "*.mydomain.com", path: "/", host: "mydomain.com", answer: nil),
        Row(pattern: "*.mydomain.com", path: "/", host: "www.mydomain.com.evil", answer: nil),
        Row(pattern: "*", path: "/", host: "anything", answer: "[]"),
        Row(pattern: "localhost:80", path: "/", host: "localhost:8080", answer: nil),
        Row(pattern: "localhost:80", path: "/", host: "localhost:80", answer: "[]"),
        Row(pattern: "[::1]", path: "/", host: "[::1]:8080", answer: "[]"),
        Row(pattern: ["a.com", "b.com", "/x"], path: "/x", host: "b.com", answer: "[]"),
        Row(pattern: ["a.com", "b.com", "/x"], path: "/x", host: "c.com", answer: nil),
    ]

    @Test("Methods, hosts and paths: who matches, and the parameters", arguments: rows.indices)
    func patterns(_ index: Int) async throws {
        let row = Self.rows[index]
        let chain = HandlerChain().add(row.pattern) { request in
            let named = ["id", "name", "year"].compactMap { name in
                request.parameters[name].map { "\(name)=\($0) " }
            }
            return named.joined() + "[\(request.parameters.list.joined(separator: " "))]"
        }
        let answer = try await ask(chain, row.method, row.path, host: row.host)
        #expect(answer == row.answer ?? "404", "\(row.path)")
    }

    @Test("Each method's function adds for that method")
    func methods() async throws {
        let chain = HandlerChain()
            .get("/") { _ in "get" }.post("/") { _ in "post" }.put("/") { _ in "put" }.patch("/") { _ in "patch" }
            .delete("/") { _ in "delete" }
        for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] {
            #expect(try await ask(chain, method, "/") == method.rawValue.lowercased())
        }
        #expect(try await ask(chain, .head, "/") == "get")
        chain.first("/") { request, next in request.method == .head ? .text("first") : try await next(request) }
        #expect(try await ask(chain, .head, "/") == "first")
        #expect(try await ask(HandlerChain().head("/") { _ in "head" }, .get, "/") == "404")
        #expect(try await ask(HandlerChain().head("/") { _ in "head" }, .head, "/") == "head")
    }

    @Test("Handlers run by weight, those of one weight in the order they were added")
    func weights() async throws {
        let chain = HandlerChain()
        @Sendable func step(_ name: String) -> HandlerFunction {
            HandlerFunction { request, next in
                let rest = self.text(try await next(request))
                return "\(name) \(rest)"
            }
        }
        chain.last { _ in "end" }
        chain.add(500, run: step("500")).add(step("a")).first(step("first")).add(.weight(-5), run: step("-5"))
        chain.add("/", run: step("b"), step("c")).first(step("second")).add(999, "/other", run: step("no"))
        #expect(try await ask(chain, .get, "/") == "first second -5 a b c 500 end")
    }

    @Test("First is the weight −1000, last is 1000: numbers beyond and of these take their places")
    func boundaries() async throws {
        let chain = HandlerChain()
        @Sendable func step(_ name: String) -> HandlerFunction {
            HandlerFunction { request, next in "\(name) \(self.text(try await next(request)))" }
        }
        chain.add(1001) { _ in "end" }.last(step("last")).add(1000, run: step("1000")).add(999, run: step("999"))
        chain.add(-999, run: step("-999")).first(step("first")).add(-1000, run: step("-1000"))
            .add(-1001, run: step("-1001"))
        #expect(try await ask(chain, .get, "/") == "-1001 first -1000 -999 999 last 1000 end")
    }

    @Test("A handler that hands on, several handlers for several methods: each runs once")
    func eachOnce() async throws {
        let ran = Mutex<[String]>([])
        @Sendable func step(_ name: String) -> HandlerFunction {
            HandlerFunction { request, next in
                ran.withLock { $0.append(name) }
                return try await next(request)
            }
        }
        let chain = HandlerChain()
            .post("/services/foo", run: step("1"), step("2"))
            .add([.get, .post], "/services/*", run: step("3"), step("4"))
            .add { _ in "ok" }
        #expect(try await ask(chain, .post, "/services/foo") == "ok")
        #expect(ran.withLock { $0 } == ["1", "2", "3", "4"])
    }

    @Test("Handlers and paths are removed")
    func removing() async throws {
        let mine = HandlerFunction { request, next in
            "mine " + self.text(try await next(request))
        }
        let chain = HandlerChain()
            .add(mine).add("/about", "/us") { _ in "about us" }.add("/both", run: mine).add { _ in "not found" }
        #expect(try await ask(chain, .get, "/about") == "mine about us")
        #expect(try await ask(chain, .get, "/both") == "mine mine not found")
        chain.remove(mine)
        #expect(try await ask(chain, .get, "/about") == "about us")
        #expect(try await ask(chain, .get, "/both") == "not found")
        chain.remove("/about")
        #expect(try await ask(chain, .get, "/about") == "not found")
        #expect(try await ask(chain, .get, "/us") == "about us")
        chain.remove("/us").remove("/never")
        #expect(try await ask(chain, .get, "/us") == "not found")
        chain.removeAll()
        #expect(try await ask(chain, .get, "/") == "404")
    }

    @Test("A chain is a handler: it hands on what it doesn't answer, with the outer chain's parameters")
    func embedding() async throws {
        let inner = HandlerChain().get("/posts/:name") { request in "inner \(request.parameters["name"] ?? "-")" }
        let outer = HandlerChain()
            .add("/posts/:id", "/other/:id", run: inner.handler)
            .add("/other/:id") { request in "outer \(request.parameters["id"] ?? "-")" }
        #expect(try await ask(outer, .get, "/posts/7") == "inner 7")
        #expect(try await ask(outer, .get, "/other/7") == "outer 7")
        #expect(try await ask(outer, .get, "/posts") == "404")
        let hosts = HandlerChain().add("*.mydomain.com", run: inner).add { _ in "elsewhere" }
        #expect(try await ask(hosts, .get, "/posts/7", host: "a.mydomain.com") == "inner 7")
        #expect(try await ask(hosts, .get, "/posts/7", host: "b.com") == "elsewhere")
    }

    @Test("A mounted chain sees paths as if its mount point were the root; what comes after it sees them whole")
    func mounting() async throws {
        let blog = HandlerChain()
            .get("/") { request in "index \(request.path) \(request.fullPath)" }
            .get("/posts/:id") { request in "post \(request.parameters["id"] ?? "") \(request.fullPath)" }
        let chain = HandlerChain().mount("/blog", blog).mount("/a/", HandlerChain().mount("/b", blog))
            .add { request in "outside \(request.path)" }
        #expect(try await ask(chain, .get, "/blog") == "index / /blog")
        #expect(try await ask(chain, .get, "/blog/") == "index / /blog/")
        #expect(try await ask(chain, .get, "/blog/posts/7?x") == "post 7 /blog/posts/7")
        #expect(try await ask(chain, .get, "/blogs") == "outside /blogs")
        #expect(try await ask(chain, .get, "/blog/none") == "outside /blog/none")
        #expect(try await ask(chain, .get, "/a/b/posts/7") == "post 7 /a/b/posts/7")
        #expect(try await ask(chain, .get, "/a/posts/7") == "outside /a/posts/7")
    }

    @Test("Values that one handler attaches reach those after it")
    func values() async throws {
        enum First: RequestKey { typealias Value = String }
        enum Second: RequestKey { typealias Value = Int }
        let chain = HandlerChain()
            .add { request, next in
                request[First.self] = "a"
                request[Second.self] = 1
                return try await next(request)
            }
            .add("/gone") { request, next in
                request[First.self] = nil
                return try await next(request)
            }
            .add { request in "\(request[First.self] ?? "none") \(request[Second.self] ?? 0)" }
        #expect(try await ask(chain, .get, "/") == "a 1")
        #expect(try await ask(chain, .get, "/gone") == "none 1")
    }

    @Test("A value that is taken away is gone, in every order of two keys' changes")
    func valuesTakenAway() {
        enum First: RequestKey { typealias Value = Int }
        enum Second: RequestKey { typealias Value = Int }
        // All orders of up to six changes: each key set anew or taken away.
        for length in 1...6 {
            for order in 0..<(1 << (2 * length)) {
                let request = Request(head: HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/"))
                var expected: (Int?, Int?) = (nil, nil)
                for step in 0..<length {
                    let change = order >> (2 * step) & 3
                    let value = change & 1 == 0 ? step : nil
                    if change & 2 == 0 {
                        request[First.self] = value
                        expected.0 = value
                    } else {
                        request[Second.self] = value
                        expected.1 = value
                    }
                }
                #expect(request[First.self] == expected.0 && request[Second.self] == expected.1, "\(order)")
            }
        }
    }

    @Test("The query's parameters are decoded")
    func query() async throws {
        let chain = HandlerChain().add { request in "\(request.query["a"] ?? "-")|\(request.query["b"] ?? "-")" }
        #expect(try await ask(chain, .get, "/?a=1&b=x+y%26%C3%A9") == "1|x y&é")
        #expect(try await ask(chain, .get, "/?b&a=%zz") == "-|")
        #expect(try await ask(chain, .get, "/") == "-|-")
    }
}

extension ResponseBody {
    /// The bytes, where they are there.
    var text: String {
        if case .bytes(let bytes) = kind { String(buffer: bytes) } else { "" }
    }
}
