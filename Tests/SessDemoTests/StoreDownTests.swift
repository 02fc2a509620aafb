import Modeler
import RedisTestServer
import SessTestSupport
import Testing

/// What requests see while Redis can't serve.
@Suite struct StoreDownTests {
    @Test(
        "D1 Redis absent at start: the server runs, health is red, requests fail promptly, all is well once Redis is there",
        arguments: AdapterKind.allCases
    )
    func absentAtStart(_ adapter: AdapterKind) async throws {
        try await withSlotAndServer(startsNow: false) { server in
            try await withDemo(["--store", server.url, "--adapter", adapter.rawValue]) { demo in
                let client = TestHTTPClient()
                let cookie = [(name: "Cookie", value: "sess=\(PlantedToken.random().text)")]
                for _ in 0..<5 {
                    let start = ContinuousClock.now
                    let health = try await client.send(.get("/health"), to: demo.port)
                    #expect(health.status == 503)
                    #expect(health.json["status"] == "down")
                    for request in [
                        TestRequest.get("/session", headers: cookie), .post("/session", json: "{}", headers: cookie),
                        .post("/session", json: #"{"a":1}"#),
                    ] {
                        let response = try await client.send(request, to: demo.port)
                        #expect(response.status == 503)
                        #expect(response.setCookies.isEmpty)
                        #expect(response["Cache-Control"] == ["no-store"])
                        #expect(!response.text.contains("127.0.0.1") && !response.text.contains("refused"))
                    }
                    // Four requests of at most 250 ms each, on a machine that may be busy.
                    #expect(ContinuousClock.now - start < .seconds(8))
                }
                #expect(try await client.send(.get("/session"), to: demo.port).status == 200, "nothing to look up")
                try await server.start()
                try await eventually { try await client.send(.get("/health"), to: demo.port).status == 200 }
                let browser = Browser(port: demo.port)
                #expect(try await browser.post("/session", #"{"a":1}"#).status == 200)
                #expect(try await browser.get("/session").json["a"] == 1)
            }
        }
    }

    @Test("Redis goes away: a session is neither lost nor replaced, and comes back")
    func goesAway() async throws {
        try await withCluster(redis: ["--appendonly", "yes"]) { first, second, server in
            let browser = Browser(port: first.port)
            let begun = try await browser.post("/session", #"{"a":1}"#)
            let token = browser.token
            try await server.stop()
            for request in [
                TestRequest.get("/session"), .post("/session", json: #"{"a":2}"#), .delete("/session"),
                .post("/sign-out"),
                .post("/session/rotate"), .post("/session/increment?field=a"),
            ] {
                let response = try await browser.send(request)
                #expect(response.status == 503, "\(request.method) \(request.path)")
                #expect(response.setCookies.isEmpty)
            }
            #expect(browser.token == token)
            try await server.start()
            for port in [first.port, second.port] {
                try await eventually { try await browser.get("/health", to: port).status == 200 }
                let read = try await browser.get("/session", to: port)
                #expect(read.id == begun.id)
                #expect(read.json["a"] == 1)
            }
        }
    }

    @Test("--store-down anonymous serves on, and never sends a cookie")
    func anonymous() async throws {
        try await withCluster(arguments: ["--store-down", "anonymous"], redis: ["--appendonly", "yes"]) {
            first,
            _,
            server in
            let browser = Browser(port: first.port)
            let begun = try await browser.post("/session", #"{"name":"alice"}"#)
            try await server.stop()
            let fresh = TestHTTPClient()
            for _ in 0..<3 {
                let read = try await browser.get("/session")
                #expect(read.status == 200)
                #expect(read.rev == 0)
                #expect(read.json["name"].isNull)
                #expect(read.setCookies.isEmpty)
                #expect(try await browser.get("/whoami").text == "nobody")
                #expect(try await browser.get("/").status == 200)
                for request in [
                    TestRequest.post("/session", json: #"{"a":1}"#), .post("/session/rotate"), .post("/sign-out"),
                ] {
                    let response = try await browser.send(request)
                    #expect(response.setCookies.isEmpty)
                    #expect(response.status == 503, "what can't be saved is not answered as if it were")
                }
                let unknown = try await fresh.send(.post("/session", json: #"{"a":1}"#), to: first.port)
                #expect(unknown.setCookies.isEmpty)
            }
            try await server.start()
            try await eventually { try await browser.get("/health").status == 200 }
            let back = try await browser.get("/session")
            #expect(back.id == begun.id)
            #expect(back.json["name"] == "alice")
        }
    }

    @Test("A stopped node ends its requests and exits", arguments: AdapterKind.allCases)
    func graceful(_ adapter: AdapterKind) async throws {
        try await withDemo(over: .redis, adapter) { demo, _ in
            let browser = Browser(port: demo.port)
            try await browser.post("/session", #"{"a":1}"#)
            async let slow = browser.post("/session/slow?ms=300", #"{"b":1}"#)
            try await Task.sleep(for: .milliseconds(100))
            let didEnd = try await demo.terminate()
            #expect(didEnd)
            let response = try await slow
            #expect(response.status == 200, "\(response.text)")
        }
    }
}
