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
            try await browser.get("/sign-out")
            #expect(try await browser.get("/whoami").text == "nobody")
            if let server { #expect(try await server.keys().isEmpty) }
        }
    }
}
