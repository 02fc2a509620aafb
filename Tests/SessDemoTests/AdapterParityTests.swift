import Modeler
import RedisTestServer
import SessTestSupport
import Testing

/// The demo is the same whichever adapter serves it.
@Suite struct AdapterParityTests {
    @Test("HEAD is answered wherever GET is, without a body", arguments: AdapterKind.allCases)
    func head(_ adapter: AdapterKind) async throws {
        try await withDemo(over: .memory, adapter) { demo, _ in
            let client = TestHTTPClient()
            for path in ["/", "/health", "/session", "/whoami"] {
                let response = try await client.send(TestRequest("HEAD", path), to: demo.port, keepsConnection: false)
                #expect(response.status == 200 && response.text.isEmpty, "\(path)")
            }
            #expect(try await client.send(TestRequest("HEAD", "/none"), to: demo.port).status == 404)
        }
    }

    @Test("A query is read as a form: + is a blank, and what is no UTF-8 is refused", arguments: AdapterKind.allCases)
    func query(_ adapter: AdapterKind) async throws {
        try await withDemo(over: .memory, adapter) { demo, _ in
            let browser = Browser(port: demo.port)
            for query in ["field=a+b", "field=a%20b", "x=1&fi%65ld=a+b", "field=%2B", "field=a+b&field=c"] {
                #expect(try await browser.post("/session/increment?\(query)").status == 200, "\(query)")
            }
            for query in ["field=%FF", "field=%FE", "field=%zz", "field=%", "field", ""] {
                #expect(try await browser.post("/session/increment?\(query)").status == 400, "\(query)")
            }
            let read = try await browser.get("/session")
            #expect(read.json["a b"] == 4 && read.json["+"] == 1)
        }
    }

    @Test("--idle and --absolute are the limits of every session, signed in or not", arguments: AdapterKind.allCases)
    func limits(_ adapter: AdapterKind) async throws {
        try await withDemo(over: .redis, adapter, ["--idle", "86400", "--absolute", "604800"]) { demo, server in
            let server = try #require(server)
            let browser = Browser(port: demo.port)
            let id = try await browser.post("/session", #"{"a":1}"#).id
            for isSignedIn in [false, true] {
                if isSignedIn { try await browser.send(.form("/sign-in", "name=alice")) }
                let left = try await server.command("PTTL", "\(StoreKind.prefix)sessions:\(id ?? "")").integer
                #expect((86_000_000...86_400_000).contains(left ?? 0))
            }
        }
    }
}
