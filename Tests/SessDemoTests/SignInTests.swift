import Modeler
import RedisTestServer
import SessTestSupport
import Testing

/// The ancestors' three routes.
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
            try await browser.post("/sign-out")
            #expect(try await browser.get("/whoami").text == "nobody")
            if let server { #expect(try await server.keys().isEmpty) }
        }
    }

    private static let ways = AdapterKind.allCases.flatMap { adapter in StoreKind.allCases.map { (adapter, $0) } }

    @Test(
        "A sign-in form that is sent again after a lost answer, or twice at once, signs the browser in", arguments: ways
    )
    func sentTwice(_ adapter: AdapterKind, _ kind: StoreKind) async throws {
        try await withDemo(over: kind, adapter) { demo, _ in
            for _ in 0..<4 {
                let browser = Browser(port: demo.port)
                try await browser.post("/session", #"{"a":1}"#)
                let lost = browser.copy()
                #expect(try await lost.send(.form("/sign-in", "name=alice")).status == 200)
                #expect(try await browser.send(.form("/sign-in", "name=alice")).status == 200)
                #expect(try await browser.get("/whoami").text == "alice")
                #expect(try await browser.post("/session", #"{"b":1}"#).status == 200)

                let other = Browser(port: demo.port)
                try await other.post("/session", #"{"a":1}"#)
                let second = other.copy()
                async let first = other.send(.form("/sign-in", "name=bob"))
                let shown = try await second.send(.form("/sign-in", "name=bob"))
                #expect(try await first.status == 200 && shown.status == 200)
                #expect(try await second.get("/whoami").text == "bob")
                #expect(try await other.get("/whoami").text == "bob")
            }
        }
    }

    @Test("No GET signs anybody out, and a name that is no user is refused", arguments: AdapterKind.allCases)
    func refusals(_ adapter: AdapterKind) async throws {
        try await withDemo(over: .memory, adapter) { demo, _ in
            let browser = Browser(port: demo.port)
            let long = String(repeating: "x", count: 257)
            #expect(try await browser.send(.form("/sign-in", "name=\(long)")).status == 400)
            try await browser.send(.form("/sign-in", "name=alice"))
            #expect([404, 405].contains(try await browser.get("/sign-out").status))
            #expect(try await browser.get("/whoami").text == "alice")
            // What a client writes into its session makes it nobody else.
            try await browser.post("/session", #"{"name":"bob"}"#)
            #expect(try await browser.get("/whoami").text == "alice")
            let page = try await browser.get("/").text
            #expect(page.contains(#"<form method="post" action="/sign-out">"#) && page.contains("alice"))
        }
    }
}
