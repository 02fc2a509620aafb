import Modeler
import RedisTestServer
import SessTestSupport
import SessTesting
import Testing

/// The table of the direct ancestors, over real HTTP.
@Suite struct AncestorTests {
    @Test(
        "S1 The first GET shows a session with id, date and rev 0; nothing is stored or sent",
        arguments: StoreKind.allCases, AdapterKind.allCases
    )
    func firstGet(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withDemo(over: kind, adapter) { demo, server in
            let response = try await Browser(port: demo.port).get("/session")
            #expect(response.status == 200)
            #expect((response.id ?? "").utf8.count == 22)
            #expect(response.json["created"].string?.isEmpty == false)
            #expect(response.rev == 0)
            #expect(response.setCookies.isEmpty)
            if let server { #expect(try await server.keys().isEmpty) }
        }
    }

    @Test("S2 A write stores the session and sends its cookie", arguments: StoreKind.allCases, AdapterKind.allCases)
    func firstWrite(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withDemo(over: kind, adapter) { demo, server in
            let browser = Browser(port: demo.port)
            let seen = try await browser.get("/session")
            let written = try await browser.post("/session", #"{"its":"working"}"#)
            #expect(written.status == 200)
            #expect(written.rev == 1)
            #expect(written.id != seen.id)
            #expect(written.setCookies.count == 1)
            #expect(browser.token?.contains(written.id ?? "-") == true)
            #expect(browser.cookies.cookies.allSatisfy { $0.isHTTPOnly && $0.path == "/" })
            if let server {
                #expect(try await server.keys() == ["\(StoreKind.prefix)sessions:\(written.id ?? "")"])
            }
        }
    }

    @Test(
        "S3 S4 S5 The cookie brings the session back; reading saves nothing, writing keeps the id",
        arguments: StoreKind.allCases, AdapterKind.allCases
    )
    func comesBack(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withDemo(over: kind, adapter) { demo, _ in
            let browser = Browser(port: demo.port)
            let written = try await browser.post("/session", #"{"its":"working"}"#)
            for _ in 0..<3 {
                let read = try await browser.get("/session")
                #expect(read.id == written.id)
                #expect(read.json["created"] == written.json["created"])
                #expect(read.json["updated"] == written.json["updated"])
                #expect(read.json["its"] == "working")
                #expect(read.rev == 1)
                #expect(read.setCookies.isEmpty)
            }
            let again = try await browser.post("/session", #"{"more":true}"#)
            #expect(again.id == written.id)
            #expect(again.rev == 2)
            #expect(again.setCookies.isEmpty)
            #expect(again.json["created"] == written.json["created"])
            #expect(again.json["its"] == "working")
            #expect(try await browser.get("/session").json["more"] == true)
        }
    }

    @Test(
        "S6 Every kind of JSON value survives a round trip, byte for byte", arguments: StoreKind.allCases,
        AdapterKind.allCases)
    func roundTrip(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        let values = [
            #"{"b":{"c":[1,[],{},{"d":null}]}}"#, "true", "false", "null", "0", "-7", "9007199254740993",
            "9223372036854775807", "1.5", "-0.001", "1e300", "3.0", #""""#, #""Grüße, 世界 🌍""#, #""\u0000\r\n\t\"\\/""#,
            #""a\u2028b""#, "[]", "{}", "12345678901234567890123",
        ]
        try await withDemo(over: kind, adapter) { demo, _ in
            let browser = Browser(port: demo.port)
            let members = values.enumerated().map { #""f\#($0.offset)":\#($0.element)"# }
            let sent = try EncodedJSON(validating: Array("{\(members.joined(separator: ","))}".utf8)).value()
            let written = try await browser.post("/session", "{\(members.joined(separator: ","))}")
            #expect(written.status == 200, "\(written.text)")
            let read = try await browser.get("/session")
            for index in values.indices {
                #expect(read.json["f\(index)"] == sent["f\(index)"], "\(values[index])")
            }
            #expect(read.text.contains(#""f6":9007199254740993"#))
            #expect(read.text.contains(#""f3":null"#))
            #expect(read.text.contains("Grüße, 世界 🌍"))
        }
    }

    @Test("S7 Setting one member keeps its neighbours", arguments: StoreKind.allCases, AdapterKind.allCases)
    func neighbours(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withDemo(over: kind, adapter) { demo, _ in
            let browser = Browser(port: demo.port)
            try await browser.post("/session", #"{"a":1,"b":{"c":2,"d":[3]}}"#)
            try await browser.post("/session", #"{"a":9}"#)
            let read = try await browser.get("/session")
            #expect(read.json["a"] == 9)
            #expect(read.json["b"]["c"] == 2)
            #expect(read.json["b"]["d"][0] == 3)
        }
    }

    @Test(
        "S8 S9 Destroy ends the session and its cookie; a write begins another", arguments: StoreKind.allCases,
        AdapterKind.allCases)
    func destroy(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withDemo(over: kind, adapter) { demo, server in
            let browser = Browser(port: demo.port)
            let written = try await browser.post("/session", #"{"its":"working"}"#)
            let copy = browser.copy()
            let destroyed = try await browser.send(.delete("/session"))
            #expect(destroyed.status == 204)
            #expect(destroyed.body.isEmpty)
            #expect(destroyed.setCookies.count == 1)
            #expect(browser.token == nil, "the destroying response expires the cookie")
            if let server { #expect(try await server.keys().isEmpty) }
            // Also for a client that keeps its cookie.
            for browser in [browser, copy] {
                let read = try await browser.get("/session")
                #expect(read.id != written.id)
                #expect(read.rev == 0)
                #expect(read.json["its"].isNull)
                #expect(read.setCookies.isEmpty)
            }
            let next = try await copy.post("/session", #"{"a":1}"#)
            #expect(next.id != written.id)
            #expect(next.rev == 1)
            #expect(next.setCookies.count == 1)
            #expect(try await copy.get("/session").id == next.id)
        }
    }

    @Test(
        "S8 Destroying a session that isn't stored is no error and expires nothing", arguments: StoreKind.allCases,
        AdapterKind.allCases)
    func destroyNothing(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withDemo(over: kind, adapter) { demo, _ in
            let response = try await Browser(port: demo.port).send(.delete("/session"))
            #expect(response.status == 204)
            #expect(response.setCookies.isEmpty)
        }
    }

    @Test(
        "S14 A session outlives a restart of the web server",
        arguments: [StoreKind.sqlite, .redis], AdapterKind.allCases
    )
    func restart(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        func check(_ store: [String]) async throws {
            let arguments = store + ["--adapter", adapter.rawValue]
            let (browser, written) = try await withDemo(arguments) { demo in
                let browser = Browser(port: demo.port)
                let written = try await browser.post("/session", #"{"its":"working"}"#)
                #expect(try await demo.terminate())
                return (browser, written)
            }
            try await withDemo(arguments) { demo in
                let read = try await browser.get("/session", to: demo.port)
                #expect(read.id == written.id)
                #expect(read.rev == 1)
                #expect(read.json["its"] == "working")
            }
        }
        if kind == .redis {
            try await withSlotAndServer { try await check(["--store", $0.url, "--prefix", StoreKind.prefix]) }
        } else {
            try await withTemporaryDirectory { try await check(["--store", "sqlite:\($0)/sessions.sqlite"]) }
        }
    }
}
