import HTTPTypes
import Modeler
import NIOCore
import RedisTestServer
import Sess
import SessTestSupport
import SessTesting
import Synchronization
import Testing

/// What leaves with the response, and when.
@Suite struct ResponseTests {
    struct HandlerError: Error {}

    @Test(
        "A handler's error with a response of its own saves; any other saves nothing", arguments: StoreKind.allCases,
        AdapterKind.allCases)
    func errors(_ kind: StoreKind, _ adapter: AdapterKind) async throws {
        try await withStore(kind) { store in
            try await withApp(on: adapter, SessionManager(sessions: store.sessions)) { app in
                app.get("/read") { request in request.session.names.sorted().joined(separator: " ") }
                app.get("/refused") { request -> String in
                    request.session["refused"] = 1
                    throw AppRefusal(.forbidden)
                }
                app.get("/broken") { request -> String in
                    request.session["broken"] = 1
                    throw HandlerError()
                }
                app.get("/ended") { request -> String in
                    try await request.session.destroy()
                    request.session["late"] = 1
                    throw HandlerError()
                }
            } _: { port in
                let browser = Browser(port: port)
                let broken = try await browser.get("/broken")
                #expect(broken.status == 500)
                #expect(broken.setCookies.isEmpty)
                let refused = try await browser.get("/refused")
                #expect(refused.status == 403)
                #expect(refused.setCookies.count == 1)
                #expect(try await browser.get("/broken").status == 500)
                #expect(try await browser.get("/read").text == "refused")
                let ended = try await browser.get("/ended")
                #expect(ended.status == 500)
                #expect(browser.token == nil, "a destroyed session's cookie expires also where the handler fails later")
                await browser.client.closeIdle()
            }
        }
    }
}
