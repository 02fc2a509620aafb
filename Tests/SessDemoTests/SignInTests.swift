import Modeler
import RedisTestServer
import SessTestSupport
import Testing

/// The ancestors' three routes, and what rotation does to tokens.
@Suite struct SignInTests {
    @Test("Sign in, whoami, sign out", arguments: StoreKind.allCases)
    func signIn(_ kind: StoreKind) async throws {
        try await withDemo(over: kind) { demo, server in
            let browser = Browser(port: demo.port)
            #expect(try await browser.get("/whoami").text == "nobody")
            #expect(try await browser.send(.form("/sign-in", "name=Zo%C3%AB+%3Cb%3E")).status == 200)
            #expect(try await browser.get("/whoami").text == "Zoë <b>")
            let page = try await browser.get("/").text
            #expect(page.contains("Zoë &lt;b&gt;"))
            #expect(!page.contains("<b>"))
            try await browser.get("/sign-out")
            #expect(try await browser.get("/whoami").text == "nobody")
            if let server { #expect(try await server.keys().isEmpty) }
        }
    }

    @Test("L2 E11 Rotation keeps id and data; the old token is dead for the next request on every server")
    func rotation() async throws {
        try await withCluster { first, second, _ in
            for path in ["/session/rotate", "/sign-in"] {
                let browser = Browser(port: first.port)
                let written = try await browser.post("/session", #"{"cart":["tea"]}"#)
                let thief = browser.copy()
                #expect(try await thief.get("/session", to: second.port).id == written.id)
                let request = path == "/sign-in" ? TestRequest.form(path, "name=alice") : .post(path)
                let rotated = try await browser.send(request)
                #expect(rotated.setCookies.count == 1)
                #expect(browser.token != thief.token)
                for port in [second.port, first.port] {
                    #expect(try await thief.get("/session", to: port).rev == 0)
                    let read = try await browser.get("/session", to: port)
                    #expect(read.id == written.id)
                    #expect(read.json["cart"][0] == "tea")
                }
            }
        }
    }

    @Test("L3 Tokens that were never issued are not adopted", arguments: StoreKind.allCases)
    func fixation(_ kind: StoreKind) async throws {
        try await withDemo(over: kind) { demo, server in
            let client = TestHTTPClient()
            let count = TestScale.count(500, full: 10_000)
            for _ in 0..<count {
                let token = PlantedToken.random()
                let response = try await client.send(
                    .post("/session", json: #"{"a":1}"#, headers: [("Cookie", "sess=\(token.text)")]),
                    to: demo.port
                )
                #expect(response.status == 200)
                #expect(response.id != token.id)
                #expect(response.setCookies.first?.contains(token.id) == false)
                #expect(response.setCookies.first?.contains(token.secret) == false)
            }
            if let server { #expect(try await server.keys().count == count) }
        }
    }

    @Test("L3 The id of a living session with another secret gives nothing", arguments: StoreKind.allCases)
    func wrongSecret(_ kind: StoreKind) async throws {
        try await withDemo(over: kind) { demo, _ in
            let browser = Browser(port: demo.port)
            let written = try await browser.post("/session", #"{"name":"alice"}"#)
            var planted = PlantedToken.random()
            planted.id = written.id ?? ""
            let response = try await TestHTTPClient().send(
                .post("/session", json: #"{"evil":1}"#, headers: [("Cookie", "sess=\(planted.text)")]),
                to: demo.port
            )
            #expect(response.id != written.id)
            #expect(response.json["name"].isNull)
            let read = try await browser.get("/session")
            #expect(read.rev == 1)
            #expect(read.json["evil"].isNull)
        }
    }
}
