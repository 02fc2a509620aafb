import Modeler
import RedisTestServer
import Sess
import SessTestSupport
import Testing

/// Many writers of one session, through two servers.
@Suite struct CounterTests {
    private static let routes: @Sendable (AppRoutes) -> Void = { app in
        app.post("/begin") { request in
            request.session["n"] = 0
            return "ok"
        }
        app.post("/increment") { request in
            try await request.session.increment("n")
            return "ok"
        }
        app.post("/update") { request in
            try await request.session.update { $0["n", default: 0] += 1 }
            return "ok"
        }
        app.post("/set/:name/:value") { request in
            let value = Int(request.parameter("value") ?? "") ?? -1
            request.session[request.parameter("name") ?? ""] = JSONValue(integerLiteral: value)
            return "ok"
        }
        app.get("/revision") { request in "\(request.session.revision)" }
        app.get("/read") { request in String(decoding: try EncodedJSON(encoding: request.session).bytes, as: UTF8.self)
        }
    }

    @Test(
        "C10 8 writers increment one counter through two servers: none is lost",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func counter(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withTwoServers(on: adapter, over: kind, routes: Self.routes) { first, second, _ in
            let each = TestScale.count(125, full: 1_000)
            let browser = Browser(port: first)
            try await browser.post("/begin")
            let statuses = try await concurrently(8, width: 8) { writer in
                var statuses: Set<Int> = []
                for step in 0..<each {
                    let port = (writer + step).isMultiple(of: 2) ? first : second
                    statuses.insert(try await browser.post("/increment", to: port).status)
                }
                return statuses
            }
            #expect(Set(statuses.joined()) == [200])
            #expect(try await browser.get("/read").json == ["n": JSONValue(integerLiteral: 8 * each)])
            #expect(try await browser.get("/revision", to: second).text == "\(8 * each + 1)")
            // An update reads before it writes, and so runs again where another one came between.
            _ = try await concurrently(4, width: 4) { (writer) async throws in
                for _ in 0..<10 {
                    #expect(try await browser.post("/update", to: writer < 2 ? first : second).status == 200)
                }
            }
            #expect(try await browser.get("/read").json == ["n": JSONValue(integerLiteral: 8 * each + 40)])
            await browser.client.closeIdle()
        }
    }

    @Test(
        "C10 16 writers on fields of their own through two servers: no conflict, none lost",
        arguments: StoreKind.allCases, AdapterKind.allCases)
    func ownFields(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let events = EventLog()
        try await withTwoServers(
            on: adapter, over: kind, configure: { $0.onEvent = events.append }, routes: Self.routes
        ) { first, second, _ in
            let each = TestScale.count(40, full: 500)
            let browser = Browser(port: first)
            try await browser.post("/begin")
            let statuses = try await concurrently(16, width: 16) { writer in
                var statuses: Set<Int> = []
                for step in 1...each {
                    let port = (writer + step).isMultiple(of: 2) ? first : second
                    statuses.insert(try await browser.post("/set/f\(writer)/\(step)", to: port).status)
                }
                return statuses
            }
            #expect(Set(statuses.joined()) == [200])
            let read = try await browser.get("/read").json
            for writer in 0..<16 { #expect(read["f\(writer)"] == JSONValue(integerLiteral: each)) }
            #expect(try await browser.get("/revision").text == "\(16 * each + 1)")
            #expect(events.take() == [])
            await browser.client.closeIdle()
        }
    }
}
